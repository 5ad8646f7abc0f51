/**
 * Short programs to read first; each can be run. {@link dev.sparsed.examples.GenerateText}, {@link
 * dev.sparsed.examples.ChatWithDream}, {@link dev.sparsed.examples.CompareFullAndSparse} and {@link
 * dev.sparsed.examples.SaveAndDrawPatterns} use a model, {@link dev.sparsed.examples.OwnSelector},
 * {@link dev.sparsed.examples.OwnSchedule}, {@link dev.sparsed.examples.OwnModel} and {@link
 * dev.sparsed.examples.OwnTorchModel} put something of one's own in its place. {@link
 * dev.sparsed.examples.Playground} is what JShell starts with.
 */
@NullMarked
package dev.sparsed.examples;

import org.jspecify.annotations.NullMarked;
