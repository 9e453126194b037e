import { chown, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/*
 * Files that are there after a power cut: what is written is flushed before it gets its name, and the folder
 * that holds the name after it.
 */

/** Flushes a file, or the names in a folder, to disk. */
export const flushToDisk = async (path: string): Promise<void> => {
  const file = await open(path, 'r');
  await file.sync().finally(async () => file.close());
};

/** Makes a folder for its owner alone, with those above it that are missing; their names are on disk. */
export const makeFolder = async (path: string): Promise<void> => {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; ; made = dirname(made)) {
    await flushToDisk(dirname(made));
    if (made === first || dirname(made) === made) return;
  }
};

/**
 * Writes the whole text beside `path`, for its owner alone, and gives that file to `place`, which puts it there
 * in one step. All of it is on disk then.
 */
export const writeBeside = async (
  path: string,
  text: string,
  place: (written: string) => Promise<void>,
): Promise<void> => {
  const written = `${path}.${process.pid}.next`;
  await rm(written, { force: true });
  try {
    const file = await open(written, 'wx', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(written);
    await flushToDisk(dirname(path));
  } finally {
    await rm(written, { force: true });
  }
};

/** Gives a file to whom another belongs. Throws `EPERM` where it is somebody else's, and this is not root. */
export const giveToOwnerOf = async (path: string, other: string): Promise<void> => {
  const { uid, gid } = await stat(other);
  const own = await stat(path);
  if (own.uid !== uid || own.gid !== gid) await chown(path, uid, gid);
};

/** The same where this is root, who may work on the files of the server's own user; anybody else's stay their own. */
export const leaveToOwnerOf = async (path: string, other: string): Promise<void> => {
  if (process.getuid?.() === 0) await giveToOwnerOf(path, other);
};
