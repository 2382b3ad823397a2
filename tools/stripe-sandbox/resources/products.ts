import { z } from 'zod';
import { invalid } from '../core/errors';
import { newId } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { emptyable, flag, isInRange, metadata, range, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Product } from '../wire';
import { createPrice, priceData } from './prices';

const details = {
  active: flag.optional(),
  description: emptyable(text),
  images: emptyable(z.array(text)),
  marketing_features: emptyable(z.array(z.strictObject({ name: text }))),
  metadata,
  name: text.optional(),
  shippable: flag.optional(),
  statement_descriptor: text.optional(),
  tax_code: emptyable(text),
  unit_label: emptyable(text),
  url: emptyable(text),
};

type Details = z.output<z.ZodObject<typeof details>>;

function update(product: Product, given: Details): void {
  assignGiven(product, {
    ...{ active: given.active, description: given.description, name: given.name, shippable: given.shippable },
    ...{ statement_descriptor: given.statement_descriptor, tax_code: given.tax_code, unit_label: given.unit_label },
    ...{ url: given.url, images: given.images === null ? [] : given.images },
    marketing_features: given.marketing_features === null ? [] : given.marketing_features,
  });
  if (given.metadata !== undefined) product.metadata = mergeMetadata(product.metadata, given.metadata);
}

function create(world: World, id: string | undefined, name: string, given: Details): Product {
  const now = world.realClock.now();
  if (id !== undefined && world.tables.products.get(id) !== undefined) {
    throw invalid(`Product already exists.`, { code: 'resource_already_exists', param: 'id' });
  }
  const product: Product = {
    ...{ id: id ?? newId('prod'), object: 'product', active: true, created: now, default_price: null },
    ...{ description: null, images: [], livemode: false, marketing_features: [], metadata: {}, name },
    ...{ package_dimensions: null, shippable: null, statement_descriptor: null, tax_code: null, tax_details: null },
    ...{ type: 'service', unit_label: null, updated: now, url: null },
  };
  update(product, given);
  world.tables.products.add(product);
  world.emit('product.created', product);
  return product;
}

const creation = { ...details, id: text.optional(), name: text, default_price_data: priceData.optional() };

export const productRoutes: readonly Route[] = [
  route('POST', '/v1/products', creation, ({ world, params }) => {
    const product = create(world, params.id, params.name, params);
    if (params.default_price_data === undefined) return product;
    const price = createPrice(world, product.id, params.default_price_data);
    return world.change(product, 'product.updated', () => (product.default_price = price.id));
  }),
  route('GET', '/v1/products/:id', {}, ({ world, id }) => world.tables.products.find(id)),
  route('POST', '/v1/products/:id', { ...details, default_price: text.optional() }, ({ world, params, id }) => {
    const product = world.tables.products.find(id);
    if (params.default_price !== undefined) world.tables.prices.named(params.default_price, 'default_price');
    return world.change(product, 'product.updated', () => {
      update(product, params);
      assignGiven(product, { default_price: params.default_price });
    });
  }),
  route('DELETE', '/v1/products/:id', {}, ({ world, id }) => {
    const product = world.tables.products.find(id);
    if (world.tables.prices.newestFirst().some((price) => price.product === id)) {
      throw invalid('This product cannot be deleted because it has one or more user-created prices.');
    }
    world.tables.products.delete(id);
    world.emit('product.deleted', product);
    return { id, object: 'product', deleted: true };
  }),
  listRoute(
    '/v1/products',
    { active: flag.optional(), created: range, ids: z.array(text).optional() },
    ({ world, params: { active, created, ids } }) =>
      world.tables.products
        .newestFirst()
        .filter((product) => isInRange(product.created, created))
        .filter((product) => active === undefined || product.active === active)
        .filter((product) => ids === undefined || ids.includes(product.id)),
  ),
];
