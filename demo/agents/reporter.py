"""An agent in Python with nothing but the standard library: it sends its key and prints what it knows."""

import base64
import json
import os
import urllib.error
import urllib.request

key = os.environ.get("OPENAI_API_KEY", "")
print("key in base64, as a debug log might have it:", base64.b64encode(("key=" + key).encode()).decode() if key else "(none)")
request = urllib.request.Request(
    os.environ["MODEL_URL"] + "/chat/completions",
    data=json.dumps({"model": "demo", "messages": []}).encode(),
    headers={"authorization": "Bearer " + key, "content-type": "application/json"},
)
try:
    with urllib.request.urlopen(request) as answer:
        print("the model service says:", json.load(answer)["choices"][0]["message"]["content"])
except urllib.error.HTTPError as error:
    print("the model service refused:", error.code)
    raise SystemExit(1) from None
