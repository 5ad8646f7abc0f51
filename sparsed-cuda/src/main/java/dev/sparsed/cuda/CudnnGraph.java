package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_ENGINEHEUR_MODE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_EXECUTION_PLAN_HANDLE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATIONGRAPH_HANDLE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATIONGRAPH_OPS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_STATSDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_DATA_TYPE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_DIMENSIONS;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_IS_BY_VALUE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_STRIDES;
import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_TENSOR_UNIQUE_ID;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_TENSOR_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_BFLOAT16;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_FLOAT;
import static org.bytedeco.cuda.global.cudnn.CUDNN_DATA_HALF;
import static org.bytedeco.cuda.global.cudnn.CUDNN_HEUR_MODE_A;
import static org.bytedeco.cuda.global.cudnn.CUDNN_HEUR_MODE_FALLBACK;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_NOT_SUPPORTED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_BACKEND_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_DATA_TYPE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_HANDLE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_HEUR_MODE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_INT64;

import com.google.common.primitives.ImmutableLongArray;
import dev.sparsed.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one execution plan of cuDNN: a graph of a single attention operation (softmax(scale q k^T)
 * v, with the log-sum-exps as an optional second output), of which cuDNN's heuristics name engines;
 * the first one that accepts it is taken.
 */
final class CudnnGraph {

  static final long QUERY = 1;
  static final long KEY = 2;
  static final long VALUE = 3;
  static final long OUTPUT = 4;
  static final long SCALE = 5;
  static final long LOG_SUM_EXP = 6;

  private static final long ALIGNMENT = 16;
  private static final long SCALAR_ALIGNMENT = 4;

  private final Cudnn cudnn;
  private final List<Long> made = new ArrayList<>();

  private CudnnGraph(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  /**
   * A plan.
   *
   * @param descriptor its descriptor
   * @param workspaceBytes scratch memory that it needs at each execution
   * @param descriptors everything that lives as long as it does, in the order of making
   */
  record Plan(long descriptor, long workspaceBytes, List<Long> descriptors) {

    void destroy(Cudnn cudnn) {
      for (int i = descriptors.size() - 1; i >= 0; i--) {
        cudnn.destroy(descriptors.get(i));
      }
    }
  }

  /**
   * Builds the plan of a call.
   *
   * @throws CudnnException if no engine accepts it, a lasting one only if none may accept it later;
   *     nothing is left behind
   */
  static Plan plan(Cudnn cudnn, CudnnCall call) {
    CudnnGraph graph = new CudnnGraph(cudnn);
    try {
      return graph.build(call);
    } catch (RuntimeException | Error e) {
      new Plan(0, 0, graph.made).destroy(cudnn);
      throw e;
    }
  }

  private Plan build(CudnnCall call) {
    long operation = create(CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR);
    reference(operation, CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC, tensor(QUERY, call.query()));
    reference(operation, CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC, tensor(KEY, call.key()));
    reference(operation, CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC, tensor(VALUE, call.value()));
    reference(operation, CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC, tensor(OUTPUT, call.output()));
    reference(operation, CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC, scale());
    if (call.withLogSumExp()) {
      reference(
          operation,
          CUDNN_ATTR_OPERATION_SDPA_FWD_STATSDESC,
          tensor(LOG_SUM_EXP, call.logSumExp()));
    }
    cudnn.complete(operation);
    long graph = create(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    reference(graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
    cudnn.set(graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, cudnn.handle());
    cudnn.complete(graph);
    long plan = firstAccepted(graph);
    long workspace = cudnn.getLong(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    return new Plan(plan, workspace, List.copyOf(made));
  }

  private long firstAccepted(long graph) {
    CudnnException refusal = null;
    for (int mode : new int[] {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
      try {
        for (long engine : engines(graph, mode)) {
          try {
            return plan(engine);
          } catch (CudnnException e) {
            refusal = weightier(refusal, e);
          }
        }
      } catch (CudnnException e) {
        refusal = weightier(refusal, e);
      }
    }
    throw refusal == null
        ? new CudnnException(CUDNN_STATUS_NOT_SUPPORTED, "cuDNN names no engine for it")
        : refusal;
  }

  /** The first refusal, unless a later one leaves hope. */
  private static CudnnException weightier(@Nullable CudnnException first, CudnnException later) {
    return first == null || (first.isLasting() && !later.isLasting()) ? later : first;
  }

  private List<Long> engines(long graph, int mode) {
    long heuristics = create(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    reference(heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    cudnn.setEnum(heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, mode);
    cudnn.complete(heuristics);
    List<Long> engines = new ArrayList<>();
    for (long engine : cudnn.engineConfigurations(heuristics)) {
      made.add(engine);
      engines.add(engine);
    }
    return engines;
  }

  private long plan(long engine) {
    long plan = create(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    cudnn.set(plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, cudnn.handle());
    reference(plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, engine);
    cudnn.complete(plan);
    return plan;
  }

  private long tensor(long id, CudnnCall.Layout layout) {
    return tensor(
        id, dataType(layout.type()), layout.sizes(), layout.strides(), alignment(layout), false);
  }

  /** The factor on the scores: a number in host memory, not a tensor on the device. */
  private long scale() {
    ImmutableLongArray ones = ImmutableLongArray.of(1, 1, 1, 1);
    return tensor(SCALE, CUDNN_DATA_FLOAT, ones, ones, SCALAR_ALIGNMENT, true);
  }

  private long tensor(
      long id,
      int dataType,
      ImmutableLongArray sizes,
      ImmutableLongArray strides,
      long alignment,
      boolean byValue) {
    long tensor = create(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    cudnn.setEnum(tensor, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, dataType);
    cudnn.set(tensor, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, sizes.toArray());
    cudnn.set(tensor, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, strides.toArray());
    cudnn.set(tensor, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id);
    cudnn.set(tensor, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, alignment);
    if (byValue) {
      cudnn.setFlag(tensor, CUDNN_ATTR_TENSOR_IS_BY_VALUE, true);
    }
    cudnn.complete(tensor);
    return tensor;
  }

  private static long alignment(CudnnCall.Layout layout) {
    return Kernel.onTensorCores(layout.type()) ? ALIGNMENT : SCALAR_ALIGNMENT;
  }

  private static int dataType(ElementType type) {
    return switch (type) {
      case BFLOAT16 -> CUDNN_DATA_BFLOAT16;
      case FLOAT16 -> CUDNN_DATA_HALF;
      case FLOAT32 -> CUDNN_DATA_FLOAT;
    };
  }

  private void reference(long descriptor, int attribute, long referenced) {
    cudnn.set(descriptor, attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, referenced);
  }

  private long create(int type) {
    long descriptor = cudnn.create(type);
    made.add(descriptor);
    return descriptor;
  }
}
