package dev.sparsed.models.internal.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.primitives.Ints;
import dev.sparsed.attention.AttentionPhase;
import dev.sparsed.attention.AttentionPolicy;
import dev.sparsed.attention.SparseAttention;
import dev.sparsed.cpu.CpuKernels;
import dev.sparsed.cpu.InstructionSet;
import dev.sparsed.models.WeightScheme;
import dev.sparsed.models.decoding.Positions;
import dev.sparsed.models.internal.checkpoint.Checkpoint;
import dev.sparsed.models.internal.checkpoint.MemoryNeed;
import dev.sparsed.models.internal.torch.HostArrays;
import dev.sparsed.models.internal.torch.KernelAttention;
import dev.sparsed.models.torch.TorchRuntime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences that share a forward pass get what each gets alone, to the last bit. */
@SuppressWarnings("try")
final class PackedPassTest {

  private static final int TRIES = 8;

  @AfterEach
  void oneThread() {
    TorchRuntime.setThreads(1);
  }

  private static List<InstructionSet> levels() {
    return CpuKernels.isAvailable() ? CpuKernels.instructionSets() : List.of();
  }

  private static Transformer load(String name, WeightProducts products) {
    return load(name, products, WeightScheme.AS_STORED);
  }

  private static Transformer load(String name, WeightProducts products, WeightScheme scheme) {
    Path folder = Path.of("src/test/resources/goldens/checkpoints", name);
    try (Checkpoint checkpoint = Checkpoint.open(folder)) {
      return Transformer.load(
          checkpoint,
          checkpoint.config().architecture(),
          ScalarType.BFloat16,
          TorchRuntime::cpu,
          products,
          scheme);
    }
  }

  /** A sequence, attending in a phase; made anew for each pass. */
  private record Sequence(List<Integer> tokens, List<Integer> read, AttentionPhase phase) {

    static Sequence random(Random random) {
      int length = 1 + random.nextInt(random.nextBoolean() ? 8 : 200);
      AttentionPhase[] phases = {AttentionPhase.FULL, AttentionPhase.FULL_AND_SELECT};
      return new Sequence(
          random.ints(length, 0, 300).boxed().toList(),
          IntStream.range(0, length).filter(i -> random.nextInt(3) == 0).boxed().toList(),
          phases[random.nextInt(2)]);
    }

    SparseAttention<Tensor> session(int layers) {
      AttentionPolicy policy = AttentionPolicy.sparseD(0.2, 0.3, 16);
      SparseAttention<Tensor> session =
          new SparseAttention<>(KernelAttention.standard(), policy, layers, 2, 4);
      session.beginStep(0, phase);
      return session;
    }

    Feed feed(LayerAttention attention, ForwardObserver observer) {
      return new Feed(
          Ints.toArray(tokens),
          Positions.range(0, tokens.size()),
          attention,
          Ints.toArray(read),
          observer);
    }
  }

  private static List<float[]> outputs(Transformer model, List<Fed> fed) {
    List<float[]> outputs = new ArrayList<>();
    for (Fed each : fed) {
      int rows = (int) each.hidden().size(0);
      outputs.add(HostArrays.toFloats(each.hidden()));
      outputs.add(rows == 0 ? new float[0] : HostArrays.toFloats(each.logits(model, 0, rows)));
    }
    return outputs;
  }

  /** What the sequences get, in one pass. */
  private static List<float[]> run(
      Transformer model, List<Sequence> sequences, long chunkElements) {
    List<SparseAttention<Tensor>> sessions =
        sequences.stream().map(each -> each.session(model.architecture().layers())).toList();
    try (PointerScope scope = new PointerScope()) {
      List<FeedGroup> groups = new ArrayList<>();
      for (int i = 0; i < sequences.size(); i++) {
        LayerAttention attention = new SessionAttention(sessions.get(i));
        groups.add(model.group(List.of(sequences.get(i).feed(attention, ForwardObserver.NONE))));
      }
      model.run(groups, Turns.HERE, chunkElements);
      return groups.stream().flatMap(group -> outputs(model, group.take()).stream()).toList();
    } finally {
      sessions.forEach(SparseAttention::close);
    }
  }

  @ParameterizedTest
  @MethodSource("levels")
  void everySequenceGetsWhatItGetsAlone(InstructionSet level) {
    everySequenceGetsWhatItGetsAlone(level, "tiny-dream", WeightScheme.AS_STORED);
    everySequenceGetsWhatItGetsAlone(level, "tiny-llada-gqa", WeightScheme.AS_STORED);
    everySequenceGetsWhatItGetsAlone(level, "tiny-dream", WeightScheme.Q8);
    everySequenceGetsWhatItGetsAlone(level, "tiny-llada-gqa", WeightScheme.Q4);
  }

  private static void everySequenceGetsWhatItGetsAlone(
      InstructionSet level, String name, WeightScheme scheme) {
    try (Transformer model = load(name, WeightProducts.byKernels(level, 2), scheme)) {
      assertTrue(model.rowsStandAlone());
      for (int seed = 0; seed < TRIES; seed++) {
        Random random = new Random(seed);
        // Three threads share elements unevenly.
        TorchRuntime.setThreads(1 + 2 * random.nextInt(2));
        List<Sequence> sequences =
            IntStream.range(0, 2 + random.nextInt(5))
                .mapToObj(i -> Sequence.random(random))
                .toList();
        // Some tens of rows in a chunk: sequences lie over several, and chunks over sequences.
        long chunk = random.nextBoolean() ? MemoryNeed.ELEMENTS_TOGETHER : 5000;
        List<float[]> together = run(model, sequences, chunk);
        List<float[]> alone =
            sequences.stream().flatMap(each -> run(model, List.of(each), chunk).stream()).toList();
        assertEquals(alone.size(), together.size());
        for (int i = 0; i < alone.size(); i++) {
          assertArrayEquals(alone.get(i), together.get(i), name + ", seed " + seed);
        }
      }
    }
  }

  @Test
  void whatFailsInOneGroupLeavesTheOthersAlone() {
    try (Transformer model = load("tiny-dream", WeightProducts.byLibTorch());
        PointerScope scope = new PointerScope()) {
      Random random = new Random(5);
      List<Sequence> sequences =
          List.of(
              new Sequence(
                  random.ints(30, 0, 300).boxed().toList(), List.of(1, 2), AttentionPhase.FULL),
              new Sequence(
                  random.ints(20, 0, 300).boxed().toList(), List.of(7), AttentionPhase.FULL));
      List<SparseAttention<Tensor>> sessions =
          sequences.stream().map(each -> each.session(model.architecture().layers())).toList();
      RuntimeException failure = new UnsupportedOperationException("not this one");
      List<Tensor> ofFailing = new ArrayList<>();
      ForwardObserver failing =
          new ForwardObserver() {
            @Override
            public void onLayerEnd(int layer, Tensor hidden) {
              if (layer == 0) {
                ofFailing.add(hidden);
                throw failure;
              }
            }
          };
      List<Boolean> released = new ArrayList<>();
      ForwardObserver goingOn =
          new ForwardObserver() {
            @Override
            public void onLayerEnd(int layer, Tensor hidden) {
              released.add(ofFailing.get(0).isNull());
            }
          };
      FeedGroup fails =
          model.group(
              List.of(sequences.get(0).feed(new SessionAttention(sessions.get(0)), failing)));
      FeedGroup goesOn =
          model.group(
              List.of(sequences.get(1).feed(new SessionAttention(sessions.get(1)), goingOn)));
      List<FeedGroup> left = new ArrayList<>();
      model.run(
          List.of(fails, goesOn),
          new Turns() {
            @Override
            public void take(List<Turn> turns) {
              turns.forEach(Turn::attend);
            }

            @Override
            public void left(FeedGroup group) {
              left.add(group);
            }
          });
      assertEquals(List.of(fails), left);
      assertEquals(List.of(false, true), released.subList(0, 2));
      assertSame(failure, assertThrows(UnsupportedOperationException.class, fails::take));
      assertEquals(1, goesOn.take().get(0).hidden().size(0));
      sessions.forEach(SparseAttention::close);
    }
  }
}
