package dev.sparsed.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class ElementTypeTest {

  private static final List<ElementType> SIXTEEN_BITS =
      List.of(ElementType.BFLOAT16, ElementType.FLOAT16);

  private static short bits(ElementType type, float value) {
    ByteBuffer buffer = ByteBuffer.allocate(Short.BYTES);
    type.put(buffer, value);
    assertEquals(0, buffer.remaining());
    return buffer.getShort(0);
  }

  private static float value(ElementType type, int bits) {
    return type.get(ByteBuffer.allocate(Short.BYTES).putShort(0, (short) bits));
  }

  @Example
  void whatTheTypeCanHoldComesBackAsItWas() {
    for (ElementType type : SIXTEEN_BITS) {
      for (int bits = 0; bits < 1 << 16; bits++) {
        float value = value(type, bits);
        if (Float.isNaN(value)) {
          assertTrue(Float.isNaN(value(type, bits(type, value))), type + " " + bits);
        } else {
          assertEquals((short) bits, bits(type, value), type + " " + bits);
        }
      }
    }
  }

  /** Neighbours among the type's numbers, by their bits, enclose what is rounded. */
  @Property(tries = 20_000)
  void roundsToTheNearestAndTiesToEven(@ForAll int floatBits) {
    float exact = Float.intBitsToFloat(floatBits);
    for (ElementType type : SIXTEEN_BITS) {
      int rounded = bits(type, exact) & 0xffff;
      if (Float.isNaN(exact)) {
        assertTrue(Float.isNaN(value(type, rounded)));
        continue;
      }
      float nearest = value(type, rounded);
      if (Float.isInfinite(nearest)) {
        // The largest number is less than half a step from where infinity would be.
        double largest = Math.abs(value(type, (rounded & 0x7fff) - 1));
        double before = Math.abs(value(type, (rounded & 0x7fff) - 2));
        assertTrue(Math.abs(exact) >= largest + (largest - before) / 2, type + " " + exact);
        continue;
      }
      double distance = Math.abs((double) exact - nearest);
      for (int step : new int[] {-1, 1}) {
        int neighbour = rounded + step;
        if ((neighbour & 0x7fff) == 0x7fff || ((neighbour ^ rounded) & 0x8000) != 0) {
          continue;
        }
        float other = value(type, neighbour);
        if (Float.isNaN(other) || Float.isInfinite(other)) {
          continue;
        }
        double otherDistance = Math.abs((double) exact - other);
        assertTrue(
            distance < otherDistance || (distance == otherDistance && (rounded & 1) == 0),
            () -> type + ": " + exact + " became " + nearest + " but " + other + " is nearer");
      }
    }
  }

  @Example
  void numbersAreWrittenInTheBuffersOrder() {
    ByteBuffer buffer = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    ElementType.FLOAT32.put(buffer, 1.5f);
    ElementType.BFLOAT16.put(buffer, -2f);
    ElementType.FLOAT16.put(buffer, 0x1p-24f);
    assertEquals(8, buffer.position());
    assertEquals(1.5f, buffer.getFloat(0));
    assertEquals((short) 0xc000, buffer.getShort(4));
    assertEquals((short) 1, buffer.getShort(6));
    buffer.flip();
    assertEquals(1.5f, ElementType.FLOAT32.get(buffer));
    assertEquals(-2f, ElementType.BFLOAT16.get(buffer));
    assertEquals(0x1p-24f, ElementType.FLOAT16.get(buffer));
  }
}
