package dev.sparsed.models;

/**
 * Memory of the process during a generation, sampled after every layer; other work in the same
 * process counts too.
 *
 * @param residentBytesBefore resident set when the generation began, in bytes
 * @param peakResidentBytes largest resident set seen, in bytes
 */
public record MemoryUse(long residentBytesBefore, long peakResidentBytes) {}
