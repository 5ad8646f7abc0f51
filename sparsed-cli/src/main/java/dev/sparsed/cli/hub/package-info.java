/**
 * Fetches checkpoints by the public HTTP protocol of the Hugging Face hub, into the folder layout
 * of its own tools, which {@link dev.sparsed.models.internal.checkpoint.CheckpointLocator} reads.
 * {@link dev.sparsed.cli.hub.HubRepository} asks what there is, {@link dev.sparsed.cli.hub.HubPull}
 * fetches it. Whatever a server says is untrusted: names, sizes, sums and redirections are checked
 * before anything is written.
 */
@NullMarked
package dev.sparsed.cli.hub;

import org.jspecify.annotations.NullMarked;
