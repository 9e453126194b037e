import { open, people, peopleAndKeys } from '../access.ts';
import { defineRoute } from '../route.ts';
import { LocalChallenge, LocalLogin, SessionCreated, Whoami } from '../session.ts';

export const sessionRoutes = {
  challengeLocalLogin: defineRoute({
    id: 'challengeLocalLogin',
    method: 'post',
    path: '/login/local/challenge',
    inOrganization: false,
    access: open,
    summary: 'Ask for a challenge that only the server’s own user can read',
    success: { status: 201, body: LocalChallenge },
    errors: ['rate_limited'],
  }),
  completeLocalLogin: defineRoute({
    id: 'completeLocalLogin',
    method: 'post',
    path: '/login/local',
    inOrganization: false,
    access: open,
    summary: 'Answer the local login challenge and get a session',
    body: LocalLogin,
    success: { status: 201, body: SessionCreated },
    errors: ['not_authenticated', 'rate_limited', 'member_not_found'],
    carriesValues: true,
  }),
  logout: defineRoute({
    id: 'logout',
    method: 'delete',
    path: '/session',
    inOrganization: false,
    access: people,
    summary: 'End this session',
    success: { status: 204 },
    errors: [],
  }),
  whoami: defineRoute({
    id: 'whoami',
    method: 'get',
    path: '/whoami',
    inOrganization: true,
    access: peopleAndKeys('any'),
    summary: 'Who the credential belongs to and what it may do',
    success: { status: 200, body: Whoami },
    errors: [],
  }),
} as const;
