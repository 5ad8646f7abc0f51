package dev.sparsed.models;

import java.util.OptionalLong;

/**
 * Memory during a generation, sampled after every layer; other work in the same process counts too.
 *
 * @param residentBytesBefore resident set of the process when the generation began, in bytes
 * @param peakResidentBytes largest resident set seen, in bytes
 * @param peakDeviceBytes most bytes of the graphics card's memory that LibTorch had given to
 *     tensors at a time; empty on the processor
 */
public record MemoryUse(
    long residentBytesBefore, long peakResidentBytes, OptionalLong peakDeviceBytes) {}
