import { z } from 'zod'

/** Of the Atlassian Document Format what a comment or description may hold; strict. Jira's bound is of the whole. */
const text = z.strictObject({
  type: z.literal('text'),
  text: z.string().min(1),
  marks: z
    .array(
      z.union([
        z.strictObject({ type: z.enum(['strong', 'em', 'code']) }),
        z.strictObject({
          type: z.literal('link'),
          attrs: z.strictObject({ href: z.url({ protocol: /^https?$/ }) }),
        }),
      ]),
    )
    .min(1)
    .optional(),
})
const paragraph = z.strictObject({ type: z.literal('paragraph'), content: z.array(text) })
const listItem = z.strictObject({ type: z.literal('listItem'), content: z.array(paragraph).min(1) })
const bulletList = z.strictObject({ type: z.literal('bulletList'), content: z.array(listItem).min(1) })
const codeBlock = z.strictObject({
  type: z.literal('codeBlock'),
  attrs: z.strictObject({ language: z.string() }),
  content: z.array(text.omit({ marks: true }).strict()),
})

export const adfDocument = z
  .strictObject({
    type: z.literal('doc'),
    version: z.literal(1),
    content: z.array(z.union([paragraph, bulletList, codeBlock])).min(1),
  })
  .refine((document) => JSON.stringify(document).length <= 32_767, { error: 'the entered text is too long' })
