@NullMarked
package dev.sparsed.models.internal.work;

import org.jspecify.annotations.NullMarked;
