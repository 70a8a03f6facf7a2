import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** What every key starts with that was minted here. */
export const MARK = 'tgw_';
const RANDOM_BYTES = 24;
const MINTED = /^tgw_([0-9A-Za-z_-]{32})([0-9a-f]{8})$/;

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

/**
 * Makes the text of a new key: the mark `tgw_`, 192 random bits in base64url, and a CRC-32 of what
 * precedes, so that secret scanners recognise a leaked key and a mistyped one is refused without a look-up.
 */
export function mintKeyText(): string {
  const text = MARK + randomBytes(RANDOM_BYTES).toString('base64url');
  return text + checksum(text);
}

/** Whether the text starts like a key of ours but was cut or mistyped. */
export function isDamagedKeyText(text: string): boolean {
  if (!text.startsWith(MARK)) return false;
  const parts = MINTED.exec(text);
  return parts === null || checksum(MARK + parts[1]) !== parts[2];
}

/** Whether the text can be a key at all, minted here or imported: 8 to 255 printable ASCII characters, no spaces. */
export function isPossibleKeyText(text: string): boolean {
  return /^[!-~]{8,255}$/.test(text) && !isDamagedKeyText(text);
}

/** SHA-256 of the key's text in hexadecimal: all that is ever stored of it. */
export function hashKeyText(text: string): string {
  return hash('sha256', text);
}

/** The part of a key that is safe to show in a list: its mark and four characters, or a third of a short one. */
export function shownPrefix(text: string): string {
  return text.slice(0, Math.min(MARK.length + 4, Math.floor(text.length / 3)));
}
