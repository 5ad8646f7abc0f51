package dev.sparsed.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.internal.transformer.Feed;
import dev.sparsed.models.internal.transformer.FeedGroup;
import dev.sparsed.models.internal.transformer.ForwardObserver;
import dev.sparsed.models.internal.transformer.LayerAttention;
import dev.sparsed.models.internal.transformer.SessionAttention;
import dev.sparsed.models.internal.transformer.TokenRange;
import dev.sparsed.models.internal.transformer.Transformer;
import dev.sparsed.models.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** What fails in the part of a pass that its generations have in common. */
@SuppressWarnings("try") // A PointerScope works by being open.
final class PassQueueTest {

  private static Transformer load() {
    Path folder = Path.of("src/test/resources/goldens/checkpoints/tiny-dream");
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return Transformer.load(
          checkpoint,
          checkpoint.config().architecture(),
          ScalarType.BFloat16,
          TorchRuntime::cpu,
          OptionalInt.of(1),
          WeightScheme.AS_STORED);
    }
  }

  /** Fails where the pass prepares for all, as a product that finds no memory does. */
  private record Failing(RuntimeException failure) implements LayerAttention {

    @Override
    public int length(Positions fed) {
      throw failure;
    }

    @Override
    public TokenRange lastLayerQueries(TokenRange read, int length) {
      return read;
    }

    @Override
    public Tensor attend(int layer, Tensor query, Tensor key, Tensor value, int firstQuery) {
      return query;
    }
  }

  private static FeedGroup group(
      Transformer model, LayerAttention attention, ForwardObserver observer) {
    int[] tokens = {5, 6, 7, 8};
    return model.group(
        List.of(new Feed(tokens, Positions.range(0, 4), attention, new int[] {2}, observer)));
  }

  /** Runs a group for a generation of the calling thread, and takes what comes of it. */
  private static void run(Transformer model, PassQueue queue, FeedGroup group) {
    SharedPasses settings = SharedPasses.DEFAULT;
    try (GenerationPasses member = new GenerationPasses(model, settings, queue);
        PointerScope scope = new PointerScope()) {
      queue.run(member, group);
      group.take();
    }
  }

  @Test
  void aFailureOfTheWholePassIsToldToEachWithAWayOut() throws Exception {
    RuntimeException failure = new UnsupportedOperationException("no memory");
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ForwardObserver holding =
        new ForwardObserver() {
          @Override
          public void onLayerEnd(int layer, Tensor hidden) {
            runs.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (Transformer model = load();
        SparseAttention<Tensor> session =
            new SparseAttention<>(
                KernelAttention.standard(),
                AttentionPolicy.full(),
                model.architecture().layers(),
                2,
                4)) {
      session.beginStep(0);
      PassQueue queue = new PassQueue(model, SharedPasses.DEFAULT);
      Future<?> first =
          threads.submit(
              () -> run(model, queue, group(model, new SessionAttention(session), holding)));
      runs.await();
      List<Future<Throwable>> others = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        List<Thread> thread = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(1);
        others.add(
            threads.submit(
                () -> {
                  FeedGroup fails = group(model, new Failing(failure), ForwardObserver.NONE);
                  thread.add(Thread.currentThread());
                  begun.countDown();
                  return assertThrows(RuntimeException.class, () -> run(model, queue, fails));
                }));
        begun.await();
        while (thread.get(0).getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait();
        }
      }
      goOn.countDown();
      first.get();
      assertNotSame(others.get(0).get(), others.get(1).get());
      for (Future<Throwable> other : others) {
        assertEquals(
            "a forward pass that 2 generations shared, of 8 tokens, failed: lower"
                + " SharedPasses.tokens, or use SharedPasses.BatchMode.SEPARATE",
            other.get().getMessage());
        assertSame(failure, other.get().getCause());
      }
      FeedGroup alone = group(model, new Failing(failure), ForwardObserver.NONE);
      assertSame(
          failure,
          assertThrows(UnsupportedOperationException.class, () -> run(model, queue, alone)));
    } finally {
      goOn.countDown();
      threads.shutdownNow();
    }
  }
}
