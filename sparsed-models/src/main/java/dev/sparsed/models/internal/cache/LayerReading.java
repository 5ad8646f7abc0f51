package dev.sparsed.models.internal.cache;

import dev.sparsed.models.decoding.Positions;

/**
 * What a layer reads where that is not all that it keeps.
 *
 * @param store copies of keys and values, those of the fed tokens among them
 * @param fed positions that were fed when it was made
 */
record LayerReading(LayerStore store, Positions fed) implements AutoCloseable {

  /** Whether it serves a step that feeds and reads these positions. */
  boolean serves(Positions nowFed, Positions read) {
    return fed.equals(nowFed) && store.positions().equals(read);
  }

  @Override
  public void close() {
    store.close();
  }
}
