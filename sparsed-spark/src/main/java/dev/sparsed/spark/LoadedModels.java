package dev.sparsed.spark;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Function;

/**
 * The models of one executor: each is loaded once and shared by the tasks that ask it. A model
 * stays after its last task, until another one is loaded in its place.
 *
 * @param <M> the models
 */
final class LoadedModels<M extends AutoCloseable> {

  private final Function<ModelSource.Key, M> loader;
  private final Map<ModelSource.Key, Entry<M>> entries = new HashMap<>();

  LoadedModels(Function<ModelSource.Key, M> loader) {
    this.loader = loader;
  }

  /**
   * A model for a task. Tasks that ask for the same one wait while the first loads it; what cannot
   * be loaded fails each of them.
   */
  synchronized Lease<M> lease(ModelSource.Key key) {
    Entry<M> entry = entries.get(key);
    if (entry == null) {
      closeIdle();
      entry = new Entry<>(loader.apply(key));
      entries.put(key, entry);
    }
    entry.users++;
    return new Lease<>(this, entry);
  }

  private void closeIdle() {
    for (Iterator<Entry<M>> each = entries.values().iterator(); each.hasNext(); ) {
      Entry<M> entry = each.next();
      if (entry.users == 0) {
        each.remove();
        try {
          entry.model.close();
        } catch (Exception e) {
          throw new IllegalStateException("a model that no task uses cannot be closed", e);
        }
      }
    }
  }

  private static final class Entry<M> {

    private final M model;
    private int users;

    private Entry(M model) {
      this.model = model;
    }
  }

  /**
   * A task's use of a model. Closing it leaves the model to the next task.
   *
   * @param <M> the models
   */
  static final class Lease<M extends AutoCloseable> implements AutoCloseable {

    private final LoadedModels<M> owner;
    private final Entry<M> entry;
    private boolean returned;

    private Lease(LoadedModels<M> owner, Entry<M> entry) {
      this.owner = owner;
      this.entry = entry;
    }

    M model() {
      return entry.model;
    }

    @Override
    public void close() {
      synchronized (owner) {
        if (!returned) {
          returned = true;
          entry.users--;
        }
      }
    }
  }
}
