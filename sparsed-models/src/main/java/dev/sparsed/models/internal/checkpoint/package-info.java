/**
 * Checkpoints as Hugging Face publishes them: found, checked, read and written.
 *
 * <p>{@link dev.sparsed.models.internal.checkpoint.CheckpointLocator} turns a folder or a
 * repository id into a folder, {@link dev.sparsed.models.internal.checkpoint.Checkpoint} reads the
 * folder's {@code config.json} into a {@link dev.sparsed.models.ModelConfig} and its {@code
 * *.safetensors} into LibTorch tensors, one at a time, so that the host never holds more than the
 * largest tensor besides what the caller keeps. {@link
 * dev.sparsed.models.internal.checkpoint.ModelLayout} names the tensors that a configuration asks
 * for; the models load by it and {@link dev.sparsed.models.internal.checkpoint.CheckpointWriter}
 * writes by it. Nothing here knows how a model computes.
 *
 * <p>Files are untrusted. Whatever is wrong with one ends in a {@link
 * dev.sparsed.models.CheckpointException} that names the file and the tensor, and no memory is
 * allocated because a file merely claims to be large.
 */
@NullMarked
package dev.sparsed.models.internal.checkpoint;

import org.jspecify.annotations.NullMarked;
