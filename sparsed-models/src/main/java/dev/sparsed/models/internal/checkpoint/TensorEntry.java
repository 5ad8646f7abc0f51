package dev.sparsed.models.internal.checkpoint;

/**
 * What a file's header says of one tensor, already checked against the file.
 *
 * @param name the tensor's name
 * @param type the element type it is stored in
 * @param shape its shape
 * @param offset the position of its first byte in the file
 * @param byteLength its length in bytes
 */
public record TensorEntry(
    String name, TensorType type, TensorShape shape, long offset, long byteLength) {}
