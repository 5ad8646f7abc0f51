package dev.sparsed.attention;

import static com.google.common.base.Preconditions.checkState;

import dev.sparsed.internal.Closing;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pattern that attention can be computed with: no row of it is empty, as a softmax needs a key,
 * and backends keep with it what they compute from, such as a copy in device memory. Any backend
 * can use it, whichever made it. The owner closes it; it must not be used afterwards.
 *
 * <p>Safe to use from several threads.
 */
public final class PreparedPattern implements AutoCloseable {

  /** What a backend keeps of a pattern to compute with it. Released with the pattern. */
  public interface Form extends AutoCloseable {

    /** Releases the form's memory, after the work that was queued with it. */
    @Override
    void close();
  }

  private final BlockGrid grid;
  private final Supplier<SparsePattern> source;
  private final IdentityHashMap<Object, Form> forms = new IdentityHashMap<>();
  private final Map<Range, PreparedPattern> parts = new HashMap<>();
  private @Nullable SparsePattern pattern;
  private boolean closed;

  private record Range(int from, int to) {}

  private PreparedPattern(BlockGrid grid, Supplier<SparsePattern> source) {
    this.grid = grid;
    this.source = source;
  }

  /**
   * Prepares a pattern.
   *
   * @param pattern a pattern without empty rows
   * @return the prepared pattern, to be closed by the caller
   * @throws IllegalArgumentException naming the first empty row, if there is one
   */
  public static PreparedPattern of(SparsePattern pattern) {
    PreparedPattern prepared = new PreparedPattern(pattern.grid(), () -> pattern);
    prepared.pattern = pattern.requireNoEmptyRow();
    return prepared;
  }

  /**
   * A pattern that a backend has selected where it computes, and that need not leave it.
   *
   * @param grid the pattern's grid
   * @param owner the backend, by which it finds the form again
   * @param form the pattern as the backend keeps it, in no row of which a block is missing; taken
   *     over
   * @param copy brings the pattern to Java; called until it has succeeded once, and only before the
   *     form is closed
   * @return the prepared pattern, to be closed by the caller
   */
  public static PreparedPattern selected(
      BlockGrid grid, Object owner, Form form, Supplier<SparsePattern> copy) {
    PreparedPattern prepared = new PreparedPattern(grid, copy);
    prepared.forms.put(owner, form);
    return prepared;
  }

  /**
   * The grid of the pattern. Never waits for a device.
   *
   * @return the grid
   */
  public BlockGrid grid() {
    return grid;
  }

  /**
   * The pattern itself. May copy it from a device on the first call.
   *
   * @return the pattern
   * @throws IllegalArgumentException if the pattern was selected by scores that are not numbers
   * @throws IllegalStateException if it is still on a device and this prepared pattern is closed
   */
  public synchronized SparsePattern pattern() {
    if (pattern == null) {
      checkOpen();
      pattern = source.get().requireNoEmptyRow();
    }
    return pattern;
  }

  /**
   * The pattern as a backend keeps it, made at the first call.
   *
   * @param <F> the type of the form
   * @param owner the backend; no two kinds of forms have the same owner
   * @param type the type of the form
   * @param maker makes the form of the pattern; closed with this
   * @return the form
   * @throws IllegalStateException if this prepared pattern is closed
   */
  public synchronized <F extends Form> F form(
      Object owner, Class<F> type, Function<? super SparsePattern, ? extends F> maker) {
    checkOpen();
    Form form = forms.get(owner);
    if (form == null) {
      form = maker.apply(pattern());
      forms.put(owner, form);
    }
    return type.cast(form);
  }

  /**
   * The pattern of a range of query tokens, kept for later calls and closed with this one.
   *
   * @param from first query token, inclusive; a multiple of a query block's size unless the range
   *     lies within one block
   * @param to last query token, exclusive; greater than {@code from}
   * @return the pattern of those queries; this one where they are all
   * @throws IndexOutOfBoundsException if the range is outside the grid
   * @throws IllegalArgumentException if the range is empty, or starts inside a block and reaches
   *     beyond it
   * @throws IllegalStateException if this prepared pattern is closed
   */
  public synchronized PreparedPattern queries(int from, int to) {
    checkOpen();
    if (from == 0 && to == grid.queryLength()) {
      return this;
    }
    return parts.computeIfAbsent(new Range(from, to), range -> of(pattern().queries(from, to)));
  }

  private void checkOpen() {
    checkState(!closed, "the pattern is closed");
  }

  /** Releases what backends keep for this pattern. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    List<AutoCloseable> all = new ArrayList<>(parts.values());
    all.addAll(forms.values());
    parts.clear();
    forms.clear();
    Closing.all(all);
  }
}
