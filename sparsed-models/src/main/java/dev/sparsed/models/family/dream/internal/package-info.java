/**
 * How a configuration is read as that of Dream: its fields, names and tokens. Found by {@code
 * ServiceLoader} only.
 */
@NullMarked
package dev.sparsed.models.family.dream.internal;

import org.jspecify.annotations.NullMarked;
