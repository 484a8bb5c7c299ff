import { z } from 'zod'

/** The settings that every source has which others post to. Secrets are best taken from the environment. */
export const receiverSettings = {
  /** Any other than loopback needs a token, a path secret or client certificates. */
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535),
  tls: z
    .strictObject({
      /** Files in PEM. */
      cert: z.string().min(1),
      key: z.string().min(1),
      /** Whose client certificates are let in; without it nobody is asked for one. */
      ca: z.string().min(1).optional(),
    })
    .optional(),
  /** What a caller sends as `Authorization: Bearer TOKEN`. */
  token: z.string().min(16, 'needs at least 16 characters; make one with: openssl rand -hex 24').optional(),
  /** What the paths begin with, for callers that cannot send a header: `/SECRET/…`. */
  pathSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,}$/, {
      error: 'needs at least 16 of A-Z a-z 0-9 _ -; make one with: openssl rand -hex 24',
    })
    .optional(),
}
