@NullMarked
package dev.sparsed.models.family.qwen;

import org.jspecify.annotations.NullMarked;
