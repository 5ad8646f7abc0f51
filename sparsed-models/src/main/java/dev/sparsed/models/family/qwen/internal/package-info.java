/**
 * How a configuration is read as that of the models made of Qwen: their fields, names and tokens.
 * Found by {@code ServiceLoader} only.
 */
@NullMarked
package dev.sparsed.models.family.qwen.internal;

import org.jspecify.annotations.NullMarked;
