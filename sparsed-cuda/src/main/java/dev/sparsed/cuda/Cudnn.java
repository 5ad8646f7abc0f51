package dev.sparsed.cuda;

/**
 * The part of cuDNN's backend API that this library uses, for one device. Descriptors are handles
 * as cuDNN gives them; types, attributes and their types are cuDNN's numbers. Used by one thread at
 * a time. All methods throw {@link CudnnException} with cuDNN's words where it reports an error.
 */
interface Cudnn {

  /** cuDNN's version, such as 91900 for 9.19.0. */
  long version();

  /** The library handle, as an attribute of graphs and plans. */
  long handle();

  /** Makes a descriptor, to be destroyed. */
  long create(int descriptorType);

  /** Sets an attribute of 8-byte values: integers, addresses, handles or descriptors. */
  void set(long descriptor, int attribute, int attributeType, long... values);

  /** Sets an attribute of one 4-byte value: an enumeration. */
  void setEnum(long descriptor, int attribute, int attributeType, int value);

  /** Sets an attribute of one truth value. */
  void setFlag(long descriptor, int attribute, boolean value);

  /** Completes a descriptor: cuDNN checks it and, for a plan, prepares its kernels. */
  void complete(long descriptor);

  /** Reads an attribute of one 64-bit integer. */
  long getLong(long descriptor, int attribute);

  /** Engine configurations that completed heuristics suggest, the best first; to be destroyed. */
  long[] engineConfigurations(long heuristics);

  void destroy(long descriptor);

  /** Host address of a number that stays valid for the life of the process. */
  long constant(float value);

  /** Queues a plan with the memory of a variant pack. */
  void execute(long plan, long variantPack, long stream);
}
