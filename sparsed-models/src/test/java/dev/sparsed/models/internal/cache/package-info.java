@NullMarked
package dev.sparsed.models.internal.cache;

import org.jspecify.annotations.NullMarked;
