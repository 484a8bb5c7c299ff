/**
 * What providers usually call the attributes that name a resource: `name`, and its noun with an ending, which is
 * `replication_group_id` of aws_elasticache_replication_group. Most types have one or two of them.
 */
export function usualNames(type: string): string[] {
  const words = type.split('_').slice(1)
  const nouns = words.map((_, index) => words.slice(index).join('_'))
  return ['arn', 'name', 'identifier', ...nouns.flatMap((noun) => endings.map((ending) => noun + ending))]
}

const endings = ['_id', '_identifier', '_name', '_arn']
