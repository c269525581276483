/// Points of a picture, every third of every third line.
struct ScreenSample: Hashable, Sendable {
  static let step = 3

  /// Red, green and blue from the 24th bit down, row by row.
  let points: [UInt32]
  let columns: Int
  let rows: Int

  /// - Parameter pixels: Three bytes a point, `width * height` of them.
  init(_ pixels: UnsafeRawBufferPointer, width: Int, height: Int) {
    columns = (width + Self.step - 1) / Self.step
    rows = (height + Self.step - 1) / Self.step
    var points: [UInt32] = []
    points.reserveCapacity(columns * rows)
    for row in stride(from: 0, to: height, by: Self.step) {
      for column in stride(from: 0, to: width, by: Self.step) {
        let at = (row * width + column) * 3
        points.append(UInt32(pixels[at]) << 16 | UInt32(pixels[at + 1]) << 8 | UInt32(pixels[at + 2]))
      }
    }
    self.points = points
  }

  /// The share of points that are not the same; 1 for pictures of different sizes.
  func difference(from other: ScreenSample) -> Double {
    guard columns == other.columns, rows == other.rows, !points.isEmpty else { return 1 }
    let changed = zip(points, other.points).reduce(0) { $1.0 == $1.1 ? $0 : $0 + 1 }
    return Double(changed) / Double(points.count)
  }
}
