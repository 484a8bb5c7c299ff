import type { Json, JsonObject } from '../finding.ts'
import { isObject } from '../paths.ts'
import { apiGatewayParameters } from './aws-shapes/apigateway.ts'
import { autoscalingParameters } from './aws-shapes/autoscaling.ts'
import { ec2Parameters } from './aws-shapes/ec2.ts'
import { eksParameters } from './aws-shapes/eks.ts'
import { elbParameters } from './aws-shapes/elasticloadbalancing.ts'
import { esParameters } from './aws-shapes/es.ts'
import { route53Parameters } from './aws-shapes/route53.ts'
import { s3Parameters } from './aws-shapes/s3.ts'
import { spreadAttribute } from './aws-shapes/spread-attribute.ts'

/** Services whose records are not as their API names things. A new one is one file and one line here. */
const shapes: Readonly<Record<string, (value: JsonObject) => JsonObject>> = {
  'apigateway.amazonaws.com': apiGatewayParameters,
  'autoscaling.amazonaws.com': autoscalingParameters,
  'ec2.amazonaws.com': ec2Parameters,
  'eks.amazonaws.com': eksParameters,
  'elasticloadbalancing.amazonaws.com': elbParameters,
  'es.amazonaws.com': esParameters,
  'route53.amazonaws.com': route53Parameters,
  's3.amazonaws.com': s3Parameters,
  'sns.amazonaws.com': (value) => spreadAttribute(value, 'attributeName', 'attributeValue'),
}

/** Takes the wrappers of the service's wire format off, so that mappings see the parameters as the API names them. */
export function plainParameters(service: string, value: Json | undefined): JsonObject {
  if (!isObject(value)) return {}
  return Object.hasOwn(shapes, service) ? shapes[service]!(value) : value
}
