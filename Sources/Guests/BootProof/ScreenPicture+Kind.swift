/// What a picture of a screen shows, as far as colours and the places of its marks tell.
enum ScreenKind: String, Sendable, Hashable {
  /// Nothing was drawn on it.
  case blank
  /// The blue of a system that stopped, or of one that could not start and offers to repair itself, with white text on it
  /// from the left.
  case stopped
  /// Hardly anything but black, with some marks on it: a text console, or a system that stopped in the newest manner.
  case dark
  /// A desktop, a place to log in, a picture.
  case ordinary
}

extension ScreenPicture {
  var kind: ScreenKind {
    if isBlank { return .blank }
    if isStopped { return .stopped }
    if let main = colours.first, main.share > 0.8, max(main.red, main.green, main.blue) < 32 { return .dark }
    return .ordinary
  }

  /// A screen that nothing was drawn on.
  var isBlank: Bool { colours.first.map { $0.share > 0.999 && $0.red < 8 && $0.green < 8 && $0.blue < 8 } ?? true }

  /// Text in white or grey on one blue, and no other colour: it begins at the left and in the upper half. A place to log
  /// in on the same blue has its marks in the middle, or has pictures; a desktop has more colours.
  private var isStopped: Bool {
    guard let main = colours.first, main.share > 0.6, Self.isBlue(main.red, main.green, main.blue) else { return false }
    return (0.002...0.35).contains(marks.lightShare) && marks.otherShare < 0.02 && marks.left < 0.2
      && marks.centre < 0.55 && marks.top < 0.5
  }

  /// The deep blue of old systems, or the lighter one of newer ones.
  private static func isBlue(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
    blue > 110 && red < 40 && green < 140 && Int(blue) > Int(green) + 50
  }
}

/// What stands out from a picture's main colour. Shares of all points; places as parts of width and height.
struct ScreenMarks: Sendable, Hashable {
  /// Points between the main colour and white.
  var lightShare = 0.0
  /// Points of any other colour.
  var otherShare = 0.0
  /// The leftmost and the topmost mark, and the middle of all of them.
  var left = 1.0
  var top = 1.0
  var centre = 0.5
}
