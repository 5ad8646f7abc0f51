package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.SparsePattern;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PreparedPatternTest {

  private static final BlockGrid GRID = BlockGrid.square(1, 2, 40, 8);
  private static final SparsePattern PATTERN = SparsePattern.dense(GRID);

  private final List<Counted> made = new ArrayList<>();

  private final class Counted implements PreparedPattern.Form {
    private final SparsePattern pattern;
    private int closed;

    Counted(SparsePattern pattern) {
      this.pattern = pattern;
      made.add(this);
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private Counted form(PreparedPattern prepared, Object owner) {
    return prepared.form(owner, Counted.class, Counted::new);
  }

  @Test
  void everyOwnerHasAFormOfItsOwnThatIsClosedOnce() {
    PreparedPattern prepared = PreparedPattern.of(PATTERN);
    Counted first = form(prepared, "one");
    assertSame(PATTERN, first.pattern);
    assertSame(first, form(prepared, "one"));
    form(prepared, "other");
    Counted part = form(prepared.queries(8, 24), "one");
    assertEquals(PATTERN.queries(8, 24), part.pattern);
    assertSame(prepared.queries(8, 24), prepared.queries(8, 24));
    assertSame(prepared, prepared.queries(0, 40));
    prepared.close();
    prepared.close();
    assertEquals(3, made.size());
    assertTrue(made.stream().allMatch(form -> form.closed == 1));
    assertThrows(IllegalStateException.class, () -> form(prepared, "one"));
    assertThrows(IllegalStateException.class, () -> prepared.queries(0, 8));
    assertEquals(PATTERN, prepared.pattern());
  }

  @Test
  void aSelectedPatternComesToJavaOnlyWhereItIsAskedFor() {
    Object owner = new Object();
    Counted selected = new Counted(PATTERN);
    List<String> copies = new ArrayList<>();
    PreparedPattern prepared =
        PreparedPattern.selected(
            GRID,
            owner,
            selected,
            () -> {
              copies.add("copied");
              return PATTERN;
            });
    assertEquals(GRID, prepared.grid());
    assertSame(selected, form(prepared, owner));
    assertEquals(List.of(), copies);
    assertSame(PATTERN, form(prepared, "another").pattern);
    assertSame(PATTERN, prepared.pattern());
    assertEquals(List.of("copied"), copies);
    prepared.close();
    assertEquals(1, selected.closed);
    PreparedPattern unread =
        PreparedPattern.selected(GRID, owner, new Counted(PATTERN), () -> PATTERN);
    unread.close();
    assertThrows(IllegalStateException.class, unread::pattern);
  }

  @Test
  void aRowWithoutBlocksIsRefusedByItsPlace() {
    SparsePattern empty = SparsePattern.builder(GRID).setRange(0, 0, 5).setRange(1, 0, 5).build();
    String message =
        assertThrows(IllegalArgumentException.class, () -> PreparedPattern.of(empty)).toString();
    assertTrue(message.contains("batch item 0, head 0, query block 2"), message);
  }
}
