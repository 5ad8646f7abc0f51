package dev.sparsed.eval.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.models.ComputeDevice;
import dev.sparsed.models.Precision;
import dev.sparsed.pattern.BlockGrid;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.pattern.SparsePattern;
import dev.sparsed.pattern.SparsePatternBuilder;
import dev.sparsed.select.IsolatedTopK;
import dev.sparsed.select.ScoreRequest;
import java.util.Random;

/**
 * What an attention benchmark measures.
 *
 * @param shape one sequence whose queries are as many as its keys
 * @param precision format of queries, keys and values
 * @param blockSize tokens per block
 * @param select share of the key blocks that {@link IsolatedTopK} keeps
 * @param generationLength tokens at the end that count as generated; at most the sequence
 * @param device where the tensors are and the backends compute
 * @param names what to measure, such as {@code dense.torch}; empty for everything
 * @param threads processor threads, 1 to 1024
 * @param warmups runs of each measurement that do not count
 * @param runs runs of each measurement that count, at least 1
 * @param seed of the random inputs
 */
public record AttentionSetup(
    AttentionShape shape,
    Precision precision,
    int blockSize,
    double select,
    int generationLength,
    ComputeDevice device,
    ImmutableSet<String> names,
    int threads,
    int warmups,
    int runs,
    long seed) {

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public AttentionSetup {
    checkArgument(
        shape.batch() == 1 && shape.queryLength() == shape.keyLength(),
        "one sequence with as many queries as keys is measured, not %s",
        shape);
    checkArgument(
        blockSize >= 1 && blockSize <= shape.keyLength(),
        "the block size must be 1 to %s but is %s",
        shape.keyLength(),
        blockSize);
    checkArgument(select >= 0 && select <= 1, "select must be 0 to 1 but is %s", select);
    checkArgument(
        generationLength >= 0 && generationLength <= shape.keyLength(),
        "the generation must be 0 to %s tokens but is %s",
        shape.keyLength(),
        generationLength);
    checkArgument(
        threads >= 1 && threads <= 1024, "the threads must be 1 to 1024 but are %s", threads);
    checkArgument(warmups >= 0, "warm-up runs must be 0 or more but are %s", warmups);
    checkArgument(runs >= 1, "runs must be at least 1 but are %s", runs);
  }

  /** Whether a measurement of this name is wanted. */
  boolean measures(String name) {
    return names.isEmpty() || names.contains(name);
  }

  BlockGrid grid() {
    return shape.grid(blockSize);
  }

  /**
   * A pattern of as many tokens per row as the selector keeps, in key blocks of some tokens that
   * lie scattered over the sequence: what small blocks cost where no neighbours help.
   */
  SparsePattern scatteredPattern(int keyTokens) {
    BlockGrid narrow = shape.grid(new BlockShape(blockSize, keyTokens));
    int kept = selector().kept(narrow.keyBlocks());
    Random random = new Random(seed);
    SparsePatternBuilder builder = SparsePattern.builder(narrow);
    for (int row = 0; row < narrow.rows(); row++) {
      // One block of each of as many equal parts of the sequence.
      for (int part = 0; part < kept; part++) {
        int from = (int) ((long) part * narrow.keyBlocks() / kept);
        int to = (int) ((part + 1L) * narrow.keyBlocks() / kept);
        builder.set(row, from + random.nextInt(to - from));
      }
    }
    return builder.build();
  }

  IsolatedTopK selector() {
    return new IsolatedTopK(select);
  }

  ScoreRequest scoreRequest() {
    return new ScoreRequest(
        blockSize,
        grid().firstGenerationBlock(generationLength),
        1 / Math.sqrt(shape.headDimension()),
        selector().scope());
  }

  ObjectNode json() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("seq", shape.keyLength())
        .put("heads", shape.heads())
        .put("kv_heads", shape.kvHeads())
        .put("dim", shape.headDimension())
        .put("block_size", blockSize)
        .put("select", select)
        .put("gen_len", generationLength)
        .put("device", device.toString())
        .put("threads", threads);
  }
}
