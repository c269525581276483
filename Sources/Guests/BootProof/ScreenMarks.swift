/// What stands out from a picture's main colour. Shares of all points; places and gaps as parts of width and height.
struct ScreenMarks: Sendable, Hashable {
  /// Points between the main colour and white.
  var lightShare = 0.0
  /// Points of any other colour.
  var otherShare = 0.0
  /// The leftmost and the topmost mark, and the middle of all of them.
  var left = 1.0
  var top = 1.0
  var centre = 0.5
  /// The highest space without a mark between two marks, and the highest of those that end in the lower third.
  var gap = 0.0
  var lowGap = 0.0
  /// The share of lines with marks that begin where the leftmost does. A line is what no space is above and below of.
  var alignedShare = 0.0

  /// Lines begin at one place within this part of the width.
  private static let aligned = 0.06

  init() {}

  init(_ sample: ScreenSample, on main: (red: UInt8, green: UInt8, blue: UInt8)) {
    var (light, other, columns) = (0, 0, 0)
    // The leftmost mark of each row; nil where it has none.
    var starts: [Int?] = []
    for row in 0..<sample.rows {
      var start: Int?
      for column in 0..<sample.columns {
        let point = sample.points[row * sample.columns + column]
        guard let isLight = Self.isLight(point, main) else { continue }
        start = start ?? column
        columns += column
        if isLight { light += 1 } else { other += 1 }
      }
      starts.append(start)
    }
    let total = sample.points.count
    guard total > 0, light + other > 0 else { return }
    lightShare = Double(light) / Double(total)
    otherShare = Double(other) / Double(total)
    centre = Double(columns) / Double(light + other) / Double(sample.columns)
    place(starts, columns: sample.columns)
  }

  /// Whether a point is a mark between the main colour and white, or one of another colour; nil where it is no mark.
  private static func isLight(_ point: UInt32, _ main: (red: UInt8, green: UInt8, blue: UInt8)) -> Bool? {
    let red = Int(point >> 16 & 255) - Int(main.red)
    let green = Int(point >> 8 & 255) - Int(main.green)
    let blue = Int(point & 255) - Int(main.blue)
    guard max(abs(red), abs(green), abs(blue)) > 24 else { return nil }
    // Towards white every part grows; the red, of which the blues have least, most.
    return red > 24 && green > -8 && blue > -24 && red >= green - 24 && red >= blue - 24
  }

  private mutating func place(_ starts: [Int?], columns: Int) {
    let height = Double(starts.count)
    let leftmost = starts.compactMap(\.self).min() ?? 0
    left = Double(leftmost) / Double(columns)
    var (marked, aligned) = (0, 0)
    var row = 0
    // The row after the line above.
    var end: Int?
    while row < starts.count {
      let line = starts[row...].prefix { $0 != nil }
      guard let start = line.compactMap(\.self).min() else {
        row += 1
        continue
      }
      if let end {
        let space = Double(row - end) / height
        gap = max(gap, space)
        if Double(row) > height * 2 / 3 { lowGap = max(lowGap, space) }
      } else {
        top = Double(row) / height
      }
      marked += line.count
      if Double(start - leftmost) <= Self.aligned * Double(columns) { aligned += line.count }
      row += line.count
      end = row
    }
    alignedShare = Double(aligned) / Double(max(1, marked))
  }
}
