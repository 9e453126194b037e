import { describe, expect, it } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

const read = (text: string, partBytes = Infinity): AnswerReader => {
  const reader = new AnswerReader();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += partBytes) reader.take(bytes.subarray(at, at + partBytes));
  return reader;
};
const bodyOf = ({ body }: AnswerReader): string => Buffer.concat(body).toString('utf8');

const answers = [
  {
    what: 'a counted body',
    text: 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ngrüß',
    body: 'grüß',
    open: true,
  },
  { what: 'no reason and no body', text: 'HTTP/1.1 503\r\ncontent-length:0\r\n\r\n', body: '', open: true },
  { what: 'a 204', text: 'HTTP/1.1 204 No Content\r\n\r\n', body: '', open: true },
  {
    what: 'chunks, an extension and a trailer',
    text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n',
    body: 'abc0123456789',
    open: true,
  },
  {
    what: 'what comes before the answer',
    text: 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 2 \r\n\r\n{}',
    body: '{}',
    open: true,
  },
  {
    what: 'a connection that the server closes',
    text: 'HTTP/1.1 200 OK\r\nConnection: keep-me, Close\r\nContent-Length: 1\r\n\r\nx',
    body: 'x',
    open: false,
  },
  { what: 'HTTP/1.0', text: 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', body: 'x', open: false },
];

describe('an answer of HTTP/1.1', () => {
  it.each(answers)('$what: read whole and byte by byte', ({ text, body, open }) => {
    for (const partBytes of [Infinity, 1, 7]) {
      const reader = read(text, partBytes);
      expect(reader.isDone).toBe(true);
      expect(bodyOf(reader)).toBe(body);
      expect(reader.leavesOpen).toBe(open);
    }
  });

  it.each(answers)('$what: is not done before its last byte', ({ text }) => {
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length; length += 1) {
      const reader = new AnswerReader();
      reader.take(bytes.subarray(0, length));
      expect(reader.isDone).toBe(false);
      expect(() => reader.end()).toThrow(expect.objectContaining({ code: 'ECONNRESET' }));
    }
  });

  it('a body without a length ends with the connection', () => {
    const reader = read('HTTP/1.1 200 OK\r\n\r\n{"a":', 4);
    reader.take(Buffer.from('1}'));
    expect(reader.isDone).toBe(false);
    reader.end();
    expect(bodyOf(reader)).toBe('{"a":1}');
    expect(reader.leavesOpen).toBe(false);
  });

  it('bytes after the answer end the use of the connection', () => {
    const reader = read('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n');
    expect(bodyOf(reader)).toBe('x');
    expect(reader.leavesOpen).toBe(false);
  });

  it.each([
    'HTTP/2 200 OK\r\n\r\n',
    'HTTP/1.1 99 planted\r\n\r\n',
    'ICY 200 planted\r\n\r\n',
    'HTTP/1.1 101 planted\r\n\r\n',
    'HTTP/1.1 200 OK\r\nplanted\r\n\r\n',
    'HTTP/1.1 200 OK\r\na: b\r\n planted\r\n\r\n',
    'HTTP/1.1 200 OK\r\nplanted : b\r\n\r\n',
    'HTTP/1.1 200 OK\r\na: planted\x00\r\n\r\n',
    'HTTP/1.1 200 OK\r\na: b\ncontent-length: 3\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: -3\r\n\r\n',
    'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nplanted\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nxplanted\r\n',
    `HTTP/1.1 200 OK\r\na: ${'planted'.repeat(3000)}`,
  ])('%j is refused, and the error repeats none of it', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_ANSWER', message: 'the answer is not HTTP/1.1' }),
    );
  });
});
