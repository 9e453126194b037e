/** Of the head, and of any one line after it; as much as node:http takes. */
const maxHeadBytes = 16 * 1024;

type Step = 'head' | 'counted' | 'size' | 'chunk' | 'chunk end' | 'trailer' | 'until close' | 'done';

/**
 * Reads one answer of HTTP/1.1 (RFC 9112), whole, from bytes as they come. What is ambiguous is refused, not
 * guessed. Errors repeat no byte of the answer, which may hold values.
 */
export class AnswerReader {
  status = 0;
  /** Whether the connection can carry another exchange after this answer. */
  leavesOpen = false;
  readonly body: Uint8Array[] = [];
  #step: Step = 'head';
  #waiting: Buffer = Buffer.alloc(0);
  #left = 0;

  get isDone(): boolean {
    return this.#step === 'done';
  }

  take(bytes: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    while (this.#advance());
    if (this.isDone && this.#waiting.length > 0) this.leavesOpen = false;
  }

  /** The connection has ended; throws where the answer has not. */
  end(): void {
    if (this.#step === 'until close') this.#step = 'done';
    if (!this.isDone) throw failure('ECONNRESET', 'the connection ended before the answer');
  }

  /** Whether there may be more to do with the bytes that are there. */
  #advance(): boolean {
    switch (this.#step) {
      case 'head':
        return this.#takeUntil('\r\n\r\n', (head) => this.#readHead(head));
      case 'counted':
        return this.#takeBody('done');
      case 'size':
        return this.#takeUntil('\r\n', (line) => this.#readSize(line));
      case 'chunk':
        return this.#takeBody('chunk end');
      case 'chunk end':
        return this.#takeUntil('\r\n', (line) => {
          if (line !== '') throw invalid();
          this.#step = 'size';
        });
      case 'trailer':
        return this.#takeUntil('\r\n', (line) => {
          if (line === '') this.#step = 'done';
        });
      case 'until close':
        this.body.push(this.#waiting);
        this.#waiting = Buffer.alloc(0);
        return false;
      case 'done':
        return false;
    }
  }

  #takeUntil(end: string, read: (text: string) => void): boolean {
    const at = this.#waiting.indexOf(end);
    if ((at < 0 ? this.#waiting.length : at) > maxHeadBytes) throw invalid();
    if (at < 0) return false;
    const text = this.#waiting.toString('latin1', 0, at);
    this.#waiting = this.#waiting.subarray(at + end.length);
    read(text);
    return true;
  }

  #takeBody(next: Step): boolean {
    const part = this.#waiting.subarray(0, this.#left);
    this.body.push(part);
    this.#left -= part.length;
    this.#waiting = this.#waiting.subarray(part.length);
    if (this.#left > 0) return false;
    this.#step = next;
    return true;
  }

  #readHead(head: string): void {
    const [statusLine = '', ...lines] = head.split('\r\n');
    const [, version, status] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(statusLine) ?? [];
    if (status === undefined) throw invalid();
    const fields = readFields(lines);
    this.status = Number(status);
    if (this.status === 101) throw invalid();
    if (this.status < 200) return;
    this.#step = this.#chooseBody(fields);
    const closes = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(fields.get('connection') ?? '');
    this.leavesOpen = version === '1' && !closes && this.#step !== 'until close';
  }

  #chooseBody(fields: ReadonlyMap<string, string>): Step {
    if (this.status === 204 || this.status === 304) return 'done';
    const encoding = fields.get('transfer-encoding');
    const length = fields.get('content-length');
    if (encoding !== undefined) {
      if (encoding.toLowerCase() !== 'chunked' || length !== undefined) throw invalid();
      return 'size';
    }
    if (length === undefined) return 'until close';
    if (!/^\d{1,15}$/.test(length)) throw invalid();
    this.#left = Number(length);
    return 'counted';
  }

  #readSize(line: string): void {
    const [, size] = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line) ?? [];
    if (size === undefined) throw invalid();
    this.#left = Number.parseInt(size, 16);
    this.#step = this.#left === 0 ? 'trailer' : 'chunk';
  }
}

/** By lower-case name; what comes more than once is joined, so that a second length is no length. */
function readFields(lines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw invalid();
    const key = name.toLowerCase();
    const before = fields.get(key);
    const text = value.trimEnd();
    fields.set(key, before === undefined ? text : `${before}, ${text}`);
  }
  return fields;
}

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });
const invalid = (): Error => failure('INVALID_ANSWER', 'the answer is not HTTP/1.1');
