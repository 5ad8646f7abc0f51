package dev.sparsed.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.tensor.ElementType;
import dev.sparsed.tensor.TensorForm;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What makes three tensors a call. */
final class AttentionCallTest {

  /** A tensor that is nothing but what is read of it. */
  private record Described(TensorForm form, String place) {}

  private static final TensorReader<Described> READER =
      new TensorReader<>() {
        @Override
        public TensorForm form(Described tensor) {
          return tensor.form();
        }

        @Override
        public Object place(Described tensor) {
          return tensor.place();
        }
      };

  private static Described tensor(int batch, int heads, int length, int headDimension) {
    return new Described(
        new TensorForm(ElementType.FLOAT32, batch, heads, length, headDimension), "here");
  }

  private static void assertRefused(String saying, Executable call) {
    String message = assertThrows(IllegalArgumentException.class, call).toString();
    assertTrue(message.contains(saying), message);
  }

  private static AttentionCall<Described> call(Described query, Described key, Described value) {
    return AttentionCall.of(READER, query, key, value);
  }

  @Test
  void holdsWhatItWasMadeOf() {
    Described query = tensor(2, 6, 7, 16);
    Described key = tensor(2, 3, 9, 16);
    Described value = tensor(2, 3, 9, 16);
    AttentionCall<Described> call = call(query, key, value);
    assertSame(query, call.query());
    assertSame(key, call.key());
    assertSame(value, call.value());
    assertEquals(new AttentionShape(2, 6, 3, 7, 9, 16), call.shape());
    assertEquals(query.form(), call.queryForm());
    assertEquals(ElementType.FLOAT32, call.type());
    assertEquals("f32 [2, 6, 7, 1], strides 42, 7, 1", call.logSumExpLayout().toString());
  }

  @Test
  void tensorsThatDoNotFitAreRefusedWithTheirSizes() {
    Described key = tensor(2, 3, 9, 16);
    assertRefused("f32 [1, 6, 7, 16]", () -> call(tensor(1, 6, 7, 16), key, key));
    assertRefused("head dimension", () -> call(tensor(2, 6, 7, 8), key, key));
    assertRefused("multiple", () -> call(tensor(2, 4, 7, 16), key, key));
    assertRefused("multiple", () -> call(tensor(2, 1, 7, 16), key, key));
    assertRefused("values", () -> call(tensor(2, 6, 7, 16), key, tensor(2, 3, 8, 16)));
    assertRefused("values", () -> call(tensor(2, 6, 7, 16), key, tensor(2, 6, 9, 16)));
    Described narrow = new Described(new TensorForm(ElementType.BFLOAT16, 2, 3, 9, 16), "here");
    assertRefused("bf16", () -> call(tensor(2, 6, 7, 16), narrow, narrow));
    assertRefused("values", () -> call(tensor(2, 6, 7, 16), key, narrow));
    Described elsewhere = new Described(key.form(), "there");
    assertRefused("keys are on another", () -> call(tensor(2, 6, 7, 16), elsewhere, key));
    assertRefused("there, not here", () -> call(tensor(2, 6, 7, 16), key, elsewhere));
  }

  @Test
  void viewsMustHaveTheFormOfWhatTheyView() {
    Described query = tensor(2, 6, 7, 16);
    Described key = tensor(2, 3, 9, 16);
    AtomicInteger views = new AtomicInteger();
    AttentionCall<TensorForm> mapped =
        call(query, key, key)
            .map(
                form -> form,
                tensor -> {
                  views.incrementAndGet();
                  return tensor.form();
                });
    assertEquals(3, views.get());
    assertEquals(query.form(), mapped.query());
    assertEquals(key.form(), mapped.value());
    assertEquals(new AttentionShape(2, 6, 3, 7, 9, 16), mapped.shape());
    TensorForm other = tensor(2, 6, 7, 17).form();
    assertRefused(
        "f32 [2, 6, 7, 17]", () -> call(query, key, key).map(form -> form, tensor -> other));
  }

  @Test
  void aCallIsTrustedByItsReaderOnly() {
    Described query = tensor(1, 1, 1, 1);
    AttentionCall<Described> call = call(query, query, query);
    assertSame(call, call.requireReadBy(READER));
    TensorReader<Described> liar = tensor -> new TensorForm(ElementType.FLOAT32, 9, 9, 9, 9);
    assertRefused("reader", () -> call.requireReadBy(liar));
  }
}
