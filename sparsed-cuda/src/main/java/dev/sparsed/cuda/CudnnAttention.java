package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_INT64;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_VOID_PTR;

import com.google.common.primitives.ImmutableLongArray;
import dev.sparsed.attention.AttentionCall;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Full attention by cuDNN. A plan is built once per layout of tensors and kept, as is the refusal
 * of a layout that cuDNN has no engine for, but not a refusal because memory, say, is short at the
 * moment. A cuDNN handle serves one thread at a time, so calls take turns; they only queue work.
 */
final class CudnnAttention implements FusedAttention {

  /** The first version with attention as one operation of the backend API. */
  static final long FIRST_VERSION = 91301;

  /** Plans and refusals that are kept; the least recently used one goes. */
  static final int KEPT = 64;

  private final Cudnn cudnn;
  private final Driver driver;
  private final Map<CudnnCall, Prepared> prepared = new LinkedHashMap<>(KEPT, 0.75f, true);

  CudnnAttention(Cudnn cudnn, Driver driver) {
    this.cudnn = cudnn;
    this.driver = driver;
  }

  /** A plan, or why there is none. */
  private record Prepared(CudnnGraph.@Nullable Plan plan, String refusal) {}

  @Override
  public Optional<String> problem() {
    long version = cudnn.version();
    return version >= FIRST_VERSION
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "cuDNN %s is older than %s, the first with attention as one operation",
                versionText(version),
                versionText(FIRST_VERSION)));
  }

  @Override
  public synchronized Optional<String> attend(
      AttentionCall<DeviceTensor> call,
      DeviceTensor output,
      @Nullable DeviceTensor logSumExp,
      long stream) {
    if (!Kernel.onTensorCores(call.type())) {
      return Optional.of("cuDNN's attention takes bf16 and f16 only");
    }
    Optional<String> problem = problem();
    if (problem.isPresent()) {
      return problem;
    }
    Prepared found = prepare(CudnnCall.of(call, output, logSumExp != null));
    CudnnGraph.Plan plan = found.plan();
    if (plan == null) {
      return Optional.of(found.refusal());
    }
    ImmutableLongArray.Builder ids = ImmutableLongArray.builder();
    ImmutableLongArray.Builder addresses = ImmutableLongArray.builder();
    ids.add(CudnnGraph.QUERY).add(CudnnGraph.KEY).add(CudnnGraph.VALUE).add(CudnnGraph.OUTPUT);
    addresses.add(call.query().address()).add(call.key().address()).add(call.value().address());
    addresses.add(output.address());
    ids.add(CudnnGraph.SCALE);
    addresses.add(cudnn.constant(AttentionLaunch.scale(call.shape())));
    if (logSumExp != null) {
      ids.add(CudnnGraph.LOG_SUM_EXP);
      addresses.add(logSumExp.address());
    }
    try {
      execute(plan, ids.build(), addresses.build(), stream);
    } catch (CudnnException | CudaException e) {
      throw new CudaException("cuDNN's attention on " + call.shape() + ": " + e.getMessage(), e);
    }
    return Optional.empty();
  }

  private Prepared prepare(CudnnCall call) {
    Prepared found = prepared.get(call);
    if (found != null) {
      return found;
    }
    Prepared made;
    try {
      made = new Prepared(CudnnGraph.plan(cudnn, call), "");
    } catch (CudnnException e) {
      made = new Prepared(null, "cuDNN refuses these tensors: " + e.getMessage());
      if (!e.isLasting()) {
        return made;
      }
    }
    if (prepared.size() >= KEPT) {
      CudnnCall oldest = prepared.keySet().iterator().next();
      Prepared dropped = prepared.remove(oldest);
      if (dropped != null && dropped.plan() != null) {
        dropped.plan().destroy(cudnn);
      }
    }
    prepared.put(call, made);
    return made;
  }

  private void execute(
      CudnnGraph.Plan plan, ImmutableLongArray ids, ImmutableLongArray addresses, long stream) {
    // Freed in the order of the stream: after the work queued here, not when this returns.
    try (DeviceMemory workspace = workspace(plan, stream)) {
      long pack = cudnn.create(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
      try {
        cudnn.set(pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, ids.toArray());
        cudnn.set(
            pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, addresses.toArray());
        cudnn.set(
            pack,
            CUDNN_ATTR_VARIANT_PACK_WORKSPACE,
            CUDNN_TYPE_VOID_PTR,
            workspace == null ? 0 : workspace.address());
        cudnn.complete(pack);
        cudnn.execute(plan.descriptor(), pack, stream);
      } finally {
        cudnn.destroy(pack);
      }
    }
  }

  private @Nullable DeviceMemory workspace(CudnnGraph.Plan plan, long stream) {
    return plan.workspaceBytes() == 0
        ? null
        : DeviceMemory.allocate(driver, plan.workspaceBytes(), stream);
  }

  /** Such as 9.13.1 for 91301. */
  static String versionText(long version) {
    return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
  }
}
