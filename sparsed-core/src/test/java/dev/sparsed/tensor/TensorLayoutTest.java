package dev.sparsed.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.internal.MemorySpan;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Spans and overlaps against a list of every element's address. */
final class TensorLayoutTest {

  private static TensorLayout draw(Random random) {
    ElementType type = random.nextBoolean() ? ElementType.FLOAT32 : ElementType.BFLOAT16;
    TensorForm form =
        new TensorForm(
            type,
            1 + random.nextInt(3),
            1 + random.nextInt(3),
            1 + random.nextInt(4),
            1 + random.nextInt(3));
    return new TensorLayout(form, random.nextInt(40), random.nextInt(20), random.nextInt(8));
  }

  private static void addBytes(Set<Long> bytes, long address, TensorLayout layout) {
    TensorForm form = layout.form();
    for (long item = 0; item < form.batch(); item++) {
      for (long head = 0; head < form.heads(); head++) {
        for (long token = 0; token < form.length(); token++) {
          for (long d = 0; d < form.headDimension(); d++) {
            long element =
                item * layout.batchStride()
                    + head * layout.headStride()
                    + token * layout.tokenStride()
                    + d;
            for (int i = 0; i < form.type().bytes(); i++) {
              bytes.add(address + element * form.type().bytes() + i);
            }
          }
        }
      }
    }
  }

  @Property(tries = 500)
  void theSpanEndsWithTheLastElement(@ForAll long seed) {
    TensorLayout layout = draw(new Random(seed));
    Set<Long> bytes = new HashSet<>();
    addBytes(bytes, 0, layout);
    long last = bytes.stream().mapToLong(Long::longValue).max().orElseThrow();
    assertEquals(last + 1, layout.span() * layout.form().type().bytes());
  }

  @Property(tries = 500)
  void aLayoutThatMayBeWrittenHasNoElementTwice(@ForAll long seed) {
    TensorLayout layout = draw(new Random(seed));
    Set<Long> bytes = new HashSet<>();
    addBytes(bytes, 0, layout);
    TensorForm form = layout.form();
    long elements = (long) form.batch() * form.heads() * form.length() * form.headDimension();
    if (layout.isInjective()) {
      assertEquals(elements * form.type().bytes(), bytes.size());
    }
    assertTrue(TensorLayout.contiguous(form).isInjective());
    assertEquals(elements, TensorLayout.contiguous(form).span());
  }

  @Property(tries = 500)
  void whatSharesAByteIsNotWritten(@ForAll long seed) {
    Random random = new Random(seed);
    TensorLayout layout = TensorLayout.contiguous(draw(random).form());
    TensorLayout other = draw(random);
    long address = 1000L + random.nextInt(100);
    long otherAddress = 1000L + random.nextInt(100);
    MemorySpan written = new MemorySpan("the output", address, layout);
    MemorySpan read = new MemorySpan("the keys", otherAddress, other);
    long end = address + layout.span() * layout.form().type().bytes();
    long otherEnd = otherAddress + other.span() * other.form().type().bytes();
    if (address < otherEnd && otherAddress < end) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> written.requireWritable(read))
              .toString();
      assertTrue(message.contains("the output shares memory with the keys"), message);
    } else {
      written.requireWritable(read);
      Set<Long> bytes = new HashSet<>();
      Set<Long> otherBytes = new HashSet<>();
      addBytes(bytes, address, layout);
      addBytes(otherBytes, otherAddress, other);
      bytes.retainAll(otherBytes);
      assertEquals(Set.of(), bytes);
    }
  }

  @Example
  void hugeSpansDoNotOverflow() {
    int huge = Integer.MAX_VALUE;
    TensorForm form = new TensorForm(ElementType.FLOAT32, huge, huge, huge, huge);
    assertEquals(Long.MAX_VALUE, TensorLayout.contiguous(form).span());
    assertEquals(Long.MAX_VALUE, new TensorLayout(form, Long.MAX_VALUE, 1, 1).span());
    assertThrows(
        IllegalArgumentException.class, () -> new TensorLayout(form, 0, -1, 0), "headStride");
  }
}
