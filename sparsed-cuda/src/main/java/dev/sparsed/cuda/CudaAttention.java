package dev.sparsed.cuda;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import dev.sparsed.attention.AttentionBackend;
import dev.sparsed.attention.AttentionCall;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.attention.PreparedPattern;
import dev.sparsed.attention.internal.OutputMemory;
import dev.sparsed.internal.LibraryVersion;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.select.BlockScoreRow;
import dev.sparsed.select.ScoreRequest;
import dev.sparsed.select.Selection;
import dev.sparsed.tensor.ElementType;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Attention on one CUDA device over memory that the caller owns: every argument is checked, then
 * the kernels are queued on the caller's stream and not waited for. This is what a library with its
 * own CUDA tensors calls; {@link CudaBackend} puts core's interface on top of it.
 *
 * <p>Queries are [B, H, queryLength, D], keys and values [B, Hkv, keyLength, D]; see {@link
 * #supports} for the sizes there are kernels for. Calls are made by {@code
 * AttentionCall.of(DeviceTensor.READER, query, key, value)}. Objects of this class hold the loaded
 * kernels of the device and the stream that they queue on; they are immutable and may be used from
 * several threads.
 */
public final class CudaAttention {

  private static final int MAX_GRID_YZ = 65535;

  private final DeviceQueue queue;
  private final Supplier<FusedAttention> fused;

  private CudaAttention(DeviceQueue queue, Supplier<FusedAttention> fused) {
    this.queue = queue;
    this.fused = fused;
  }

  /** Attention on the default stream. The supplier is asked once, at the first need. */
  static CudaAttention of(KernelLibrary kernels, Supplier<FusedAttention> fused) {
    // Opening a library takes long, and not everybody calls it.
    return new CudaAttention(new DeviceQueue(kernels, 0), Suppliers.memoize(fused::get));
  }

  /**
   * The same kernels on a stream.
   *
   * @param stream the stream to queue on, a {@code CUstream} handle of this device; 0 is the
   *     default stream, on which kernels are queued unless this is called
   * @return attention on the stream
   */
  public CudaAttention onStream(long stream) {
    return new CudaAttention(new DeviceQueue(queue.kernels(), stream), fused);
  }

  /**
   * The device.
   *
   * @return its properties
   */
  public DeviceProperties device() {
    return queue.driver().properties();
  }

  /**
   * What the speed of calls depends on besides sizes and types.
   *
   * @return device, driver, and the version of this library and of its kernels
   */
  public Map<String, String> platform() {
    DeviceProperties device = device();
    return Map.of(
        "device",
        device.name() + " " + device.architecture(),
        "multiprocessors",
        Integer.toString(device.multiprocessors()),
        "driver",
        Integer.toString(device.driverVersion()),
        "sparsed",
        LibraryVersion.text(),
        "cuda_kernels",
        KernelSources.fingerprint());
  }

  /**
   * Estimated times of calls where full attention is computed by {@link #dense} too.
   *
   * @param type element type of the tensors
   * @return the cost model
   */
  public AttentionBackend.AttentionCost cost(ElementType type) {
    return new CudaCostModel(device(), type, CudaCostModel.Dense.OWN_KERNEL);
  }

  /**
   * Estimated times of calls where full attention is computed by a library with instructions for
   * each generation of cards, such as cuDNN or LibTorch.
   *
   * @param type element type of the tensors
   * @return the cost model
   */
  public AttentionBackend.AttentionCost costBesideFusedAttention(ElementType type) {
    return new CudaCostModel(device(), type, CudaCostModel.Dense.FUSED_LIBRARY);
  }

  DeviceQueue queue() {
    return queue;
  }

  /**
   * Whether there are kernels for these sizes.
   *
   * @param type element type
   * @param headDimension size of a head D
   * @param blocks tokens per query block and per key block
   * @return true for 16-bit elements with the head dimensions and query blocks of the tensor-core
   *     kernels, and for float32 with any query blocks and head dimensions up to a limit; key
   *     blocks may have any size
   */
  public static boolean supports(ElementType type, int headDimension, BlockShape blocks) {
    return Kernel.supports(type, headDimension, blocks);
  }

  /**
   * Whether there are kernels for a head dimension, with blocks of some size.
   *
   * @param type element type
   * @param headDimension size of a head D
   * @return true if {@link #supports(ElementType, int, BlockShape)} is for some block size
   */
  public static boolean supports(ElementType type, int headDimension) {
    return Kernel.supports(type, headDimension, BlockShape.square(Kernel.largestBlock()));
  }

  /**
   * Full attention, softmax(q k^T / sqrt(D)) v.
   *
   * @param call queries, keys and values
   * @param output where the output goes; must not share memory with the others
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws CudaException if the launch fails
   */
  public void dense(AttentionCall<DeviceTensor> call, DeviceTensor output) {
    denseByKernels(call, output, null);
  }

  /**
   * Full attention with the log-sum-exp of each query's scaled logits.
   *
   * @param call queries, keys and values
   * @param output where the output goes; must not share memory with the others
   * @param logSumExp where to put {@code log sum exp(q k^T / sqrt(D))}, float32 [B, H, queryLength,
   *     1] without gaps; must not share memory with the others
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws CudaException if the launch fails
   */
  public void dense(AttentionCall<DeviceTensor> call, DeviceTensor output, DeviceTensor logSumExp) {
    denseByKernels(call, output, logSumExp);
  }

  private void denseByKernels(
      AttentionCall<DeviceTensor> call, DeviceTensor output, @Nullable DeviceTensor logSumExp) {
    checkCall(call);
    OutputMemory.requireWritable(call, output, logSumExp, DeviceTensor::span);
    // The largest tiles read the keys the fewest times.
    BlockShape tile = BlockShape.square(Kernel.largestBlock());
    Kernel kernel = queue.kernels().attention(call.type(), call.shape().headDimension(), tile);
    new AttentionLaunch(queue, call, output, logSumExp).run(kernel, tile, null);
  }

  /**
   * Full attention by cuDNN's fused attention, which has variants for each generation of cards;
   * found at run time. Plans are built at the first call with each layout of tensors, which takes
   * some time, and kept.
   *
   * @param call queries, keys and values, bf16 or f16
   * @param output where the output goes; must not share memory with the others
   * @return empty if the work is queued; else why cuDNN cannot do it, so that {@link #dense} is to
   *     be called instead
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws CudaException if cuDNN accepts the tensors but fails
   */
  public Optional<String> denseByCudnn(AttentionCall<DeviceTensor> call, DeviceTensor output) {
    return denseByLibrary(call, output, null);
  }

  /**
   * Full attention by cuDNN with log-sum-exps.
   *
   * @param call queries, keys and values, bf16 or f16
   * @param output where the output goes; must not share memory with the others
   * @param logSumExp as in {@link #dense(AttentionCall, DeviceTensor, DeviceTensor)}
   * @return empty if the work is queued; else why cuDNN cannot do it
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws CudaException if cuDNN accepts the tensors but fails
   */
  public Optional<String> denseByCudnn(
      AttentionCall<DeviceTensor> call, DeviceTensor output, DeviceTensor logSumExp) {
    return denseByLibrary(call, output, logSumExp);
  }

  private Optional<String> denseByLibrary(
      AttentionCall<DeviceTensor> call, DeviceTensor output, @Nullable DeviceTensor logSumExp) {
    checkCall(call);
    OutputMemory.requireWritable(call, output, logSumExp, DeviceTensor::span);
    return fused.get().attend(call, output, logSumExp, queue.stream());
  }

  /**
   * Why cuDNN is not there for {@link #denseByCudnn(AttentionCall, DeviceTensor)}.
   *
   * @return what is missing, or empty if there is a cuDNN of a version that can be used
   */
  public Optional<String> cudnnProblem() {
    return fused.get().problem();
  }

  /**
   * Block-sparse attention: the softmax runs over the tokens of the selected key blocks only.
   *
   * @param call queries, keys and values
   * @param pattern the blocks, on the grid of these tensors; copied to the device at its first use
   *     there. On another stream than it was last used on, this call waits for that one's work
   * @param output where the output goes; must not share memory with the others
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws CudaException if the copy or the launch fails
   */
  public void sparse(
      AttentionCall<DeviceTensor> call, PreparedPattern pattern, DeviceTensor output) {
    sparseByKernels(call, pattern, output, null);
  }

  /**
   * Block-sparse attention with the log-sum-exp of each query's scaled logits.
   *
   * @param call queries, keys and values
   * @param pattern as in {@link #sparse(AttentionCall, PreparedPattern, DeviceTensor)}
   * @param output where the output goes; must not share memory with the others
   * @param logSumExp where to put the log-sum-exp over the selected keys, as in {@link
   *     #dense(AttentionCall, DeviceTensor, DeviceTensor)}
   * @throws IllegalArgumentException if the arguments do not fit together
   * @throws CudaException if the copy or the launch fails
   */
  public void sparse(
      AttentionCall<DeviceTensor> call,
      PreparedPattern pattern,
      DeviceTensor output,
      DeviceTensor logSumExp) {
    sparseByKernels(call, pattern, output, logSumExp);
  }

  private void sparseByKernels(
      AttentionCall<DeviceTensor> call,
      PreparedPattern pattern,
      DeviceTensor output,
      @Nullable DeviceTensor logSumExp) {
    checkCall(call);
    OutputMemory.requireWritable(call, output, logSumExp, DeviceTensor::span);
    call.shape().checkFits(pattern.grid());
    BlockShape blocks = pattern.grid().blocks();
    Kernel kernel = queue.kernels().attention(call.type(), call.shape().headDimension(), blocks);
    DevicePattern lists = onDevice(pattern);
    AttentionLaunch launch = new AttentionLaunch(queue, call, output, logSumExp);
    lists.use(queue.stream(), () -> launch.run(kernel, blocks, lists));
  }

  private DevicePattern onDevice(PreparedPattern pattern) {
    return pattern.form(
        queue.kernels(), DevicePattern.class, made -> DevicePattern.upload(queue, made));
  }

  /**
   * Builds a pattern from queries and keys. Core's {@link dev.sparsed.select.TopK} and {@link
   * dev.sparsed.select.IsolatedTopK} run on the device, and nothing waits for it; other selectors
   * run in Java over the scores, which are copied to the host.
   *
   * @param call queries and keys; the values are not read
   * @param selection a selector that needs scores, and the request for them
   * @return the pattern, to be closed by the caller
   * @throws IllegalArgumentException if tensors and selection do not fit together
   * @throws CudaException if a launch or a copy fails
   */
  public PreparedPattern select(AttentionCall<DeviceTensor> call, Selection selection) {
    return selectWith(call, selection, null);
  }

  /**
   * Builds a pattern from queries and keys whose log-sum-exps are known, which saves a pass over
   * them where the request's scale is 1/sqrt(D).
   *
   * @param call queries and keys; the values are not read
   * @param selection a selector that needs scores, and the request for them
   * @param logSumExp what {@link #dense(AttentionCall, DeviceTensor, DeviceTensor)} wrote there for
   *     these queries and keys
   * @return the pattern, to be closed by the caller
   * @throws IllegalArgumentException if tensors and selection do not fit together
   * @throws CudaException if a launch or a copy fails
   */
  public PreparedPattern select(
      AttentionCall<DeviceTensor> call, Selection selection, DeviceTensor logSumExp) {
    OutputMemory.requireLogSumExp(call, logSumExp.layout());
    return selectWith(call, selection, logSumExp);
  }

  private PreparedPattern selectWith(
      AttentionCall<DeviceTensor> call, Selection selection, @Nullable DeviceTensor logSumExp) {
    checkCall(call);
    call.shape().checkFits(selection.grid());
    Optional<DeviceSelection> known = DeviceSelection.of(selection);
    if (known.isPresent()) {
      return known.get().run(queue, call, logSumExp);
    }
    PreparedPattern pattern =
        PreparedPattern.of(
            selection.byScores(consumer -> score(call, selection.request(), consumer, logSumExp)));
    try {
      // Now rather than in the first step that uses it.
      onDevice(pattern);
      return pattern;
    } catch (RuntimeException | Error e) {
      pattern.close();
      throw e;
    }
  }

  /**
   * Scores every query block against every key block and hands the rows to Java. Waits for the
   * device.
   *
   * @param call queries and keys; the values are not read
   * @param request block size, border, scale and scope
   * @param consumer gets each row of the grid exactly once, in order
   * @throws IllegalArgumentException if tensors and request do not fit together
   * @throws CudaException if a launch or a copy fails
   */
  public void scores(
      AttentionCall<DeviceTensor> call, ScoreRequest request, Consumer<BlockScoreRow> consumer) {
    checkCall(call);
    score(call, request, consumer, null);
  }

  private void score(
      AttentionCall<DeviceTensor> call,
      ScoreRequest request,
      Consumer<BlockScoreRow> consumer,
      @Nullable DeviceTensor logSumExp) {
    try (ScorePass pass = new ScorePass(queue, call, request, logSumExp)) {
      pass.run(new ScoreRows(queue, pass, request, consumer)::take);
    }
  }

  private static void checkCall(AttentionCall<DeviceTensor> call) {
    call.requireReadBy(DeviceTensor.READER);
    AttentionShape shape = call.shape();
    Kernel.checkHeadDimension(call.type(), shape.headDimension());
    checkArgument(
        shape.heads() <= MAX_GRID_YZ && shape.batch() <= MAX_GRID_YZ,
        "%s has more than %s heads or sequences",
        shape,
        MAX_GRID_YZ);
  }
}
