/** Not every browser tells of its paints; and a page in the background has none. */
const PATIENCE_MILLIS = 2_000

/** Resolves once something is to be seen: what is heavy must not hold that up. */
export function firstPaint(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE_MILLIS)
    new PerformanceObserver((list, observer) => {
      if (list.getEntriesByName('first-contentful-paint').length === 0) return
      observer.disconnect()
      resolve()
    }).observe({ type: 'paint', buffered: true })
  })
}
