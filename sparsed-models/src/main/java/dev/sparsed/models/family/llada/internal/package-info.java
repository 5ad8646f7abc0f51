/**
 * How a configuration is read as that of LLaDA: its fields, names and tokens. Found by {@code
 * ServiceLoader} only.
 */
@NullMarked
package dev.sparsed.models.family.llada.internal;

import org.jspecify.annotations.NullMarked;
