/** A row that one process holds for a while, so that a job of many replicas runs in one of them. */
export interface LeaseStore {
  /** True where the holder has it now: it was free, expired, or the holder's already. Times in milliseconds. */
  acquire(lease: { name: string; holder: string; now: number; until: number }): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;
}
