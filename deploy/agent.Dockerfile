# An agent that starts with its secrets. Needs the image `coffer` (deploy/Dockerfile).
# The key of the agent comes at run time: COFFER_URL and COFFER_API_KEY. Neither reaches the agent itself.
FROM coffer
USER root
WORKDIR /app
COPY . .
USER 10001
ENTRYPOINT ["tini", "--", "coffer", "run", "--agent", "support-bot", "--environment", "production", "--"]
CMD ["node", "agent.js"]
