package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudnn.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_EXECUTION_FAILED;
import static org.bytedeco.cuda.global.cudnn.CUDNN_STATUS_NOT_SUPPORTED;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A cuDNN that notes down descriptors and keeps their rules, and refuses on demand. */
final class RecordingCudnn implements Cudnn {

  /** A descriptor: its type and attributes by number. */
  static final class Descriptor {
    final int type;
    final Map<Integer, List<Long>> attributes = new LinkedHashMap<>();
    boolean complete;

    Descriptor(int type) {
      this.type = type;
    }

    List<Long> get(int attribute) {
      List<Long> values = attributes.get(attribute);
      if (values == null) {
        throw new AssertionError("attribute " + attribute + " of " + type + " is not set");
      }
      return values;
    }
  }

  /** An execution: the plan, and the variant pack's attributes. */
  record Execution(long plan, Descriptor pack, long stream) {}

  static final long HANDLE = 0xcafe;

  final Map<Long, Descriptor> live = new LinkedHashMap<>();
  final List<Execution> executions = new ArrayList<>();
  final List<Float> constants = new ArrayList<>();
  final Set<Integer> refusedTypes = new TreeSet<>();
  int engines = 2;
  int refusedPlans;
  int refusal = CUDNN_STATUS_NOT_SUPPORTED;
  int made;
  long version = CudnnAttention.FIRST_VERSION;
  long workspaceBytes = 4096;
  boolean failExecutions;
  private long next = 1;

  /** The one living descriptor of a type. */
  Descriptor only(int type) {
    List<Descriptor> found = live.values().stream().filter(d -> d.type == type).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " descriptors of type " + type);
    }
    return found.get(0);
  }

  Descriptor descriptor(long handle) {
    Descriptor found = live.get(handle);
    if (found == null) {
      throw new AssertionError("descriptor " + handle + " is destroyed or was never made");
    }
    return found;
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public long handle() {
    return HANDLE;
  }

  @Override
  public long create(int descriptorType) {
    made++;
    live.put(next, new Descriptor(descriptorType));
    return next++;
  }

  @Override
  public void set(long descriptor, int attribute, int attributeType, long... values) {
    Descriptor target = descriptor(descriptor);
    if (target.complete) {
      throw new AssertionError("descriptor " + descriptor + " is complete already");
    }
    if (attributeType == org.bytedeco.cuda.global.cudnn.CUDNN_TYPE_BACKEND_DESCRIPTOR) {
      for (long value : values) {
        if (!descriptor(value).complete) {
          throw new AssertionError("attribute " + attribute + " is not complete");
        }
      }
    }
    target.attributes.put(attribute, Arrays.stream(values).boxed().toList());
  }

  @Override
  public void setEnum(long descriptor, int attribute, int attributeType, int value) {
    set(descriptor, attribute, attributeType, value);
  }

  @Override
  public void setFlag(long descriptor, int attribute, boolean value) {
    set(descriptor, attribute, 0, value ? 1 : 0);
  }

  @Override
  public void complete(long descriptor) {
    Descriptor target = descriptor(descriptor);
    boolean plan = target.type == CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR;
    if (refusedTypes.contains(target.type) || (plan && refusedPlans-- > 0)) {
      throw new CudnnException(refusal, "completing a descriptor failed: error " + refusal);
    }
    target.complete = true;
  }

  @Override
  public long getLong(long descriptor, int attribute) {
    if (!descriptor(descriptor).complete || attribute != CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE) {
      throw new AssertionError("attribute " + attribute + " cannot be read");
    }
    return workspaceBytes;
  }

  @Override
  public long[] engineConfigurations(long heuristics) {
    if (!descriptor(heuristics).complete) {
      throw new AssertionError("the heuristics are not complete");
    }
    long[] result = new long[engines];
    for (int i = 0; i < engines; i++) {
      result[i] = create(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
      descriptor(result[i]).complete = true;
    }
    return result;
  }

  @Override
  public void destroy(long descriptor) {
    descriptor(descriptor);
    live.remove(descriptor);
  }

  @Override
  public long constant(float value) {
    constants.add(value);
    return 0x5000000;
  }

  @Override
  public void execute(long plan, long variantPack, long stream) {
    if (failExecutions) {
      throw new CudnnException(
          CUDNN_STATUS_EXECUTION_FAILED,
          "queueing cuDNN's attention failed: CUDNN_STATUS_EXECUTION_FAILED");
    }
    if (!descriptor(plan).complete || !descriptor(variantPack).complete) {
      throw new AssertionError("plan or variant pack is not complete");
    }
    executions.add(new Execution(plan, descriptor(variantPack), stream));
  }
}
