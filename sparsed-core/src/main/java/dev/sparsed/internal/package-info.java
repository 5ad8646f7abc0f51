/**
 * What several modules of this library need and nobody else should call: it may change with every
 * version. {@link dev.sparsed.internal.WholeFile} writes files that are there whole or not at all,
 * {@link dev.sparsed.internal.Utf8} reads texts strictly, {@link dev.sparsed.internal.CacheFolders}
 * says where native code is unpacked and measurements are kept, {@link
 * dev.sparsed.internal.TemporaryFolders} makes folders of this process, {@link
 * dev.sparsed.internal.JavaCpp} sets JavaCPP up before its first use, {@link
 * dev.sparsed.internal.MemorySpan} keeps kernels from writing over what they read, {@link
 * dev.sparsed.internal.Ranking} puts scores in order, {@link dev.sparsed.internal.Processor} and
 * {@link dev.sparsed.internal.LibraryVersion} name what runs.
 */
@NullMarked
package dev.sparsed.internal;

import org.jspecify.annotations.NullMarked;
