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

  /// Text in white or grey on one blue, and no other colour, in one block: it begins at the left and in the upper half,
  /// line below line at one place, with no wide space between. A place to log in on the same blue has its marks in the
  /// middle, or has pictures; a locked screen has its clock alone in the lower third; a desktop has more colours.
  private var isStopped: Bool {
    guard let main = colours.first, main.share > 0.6, Self.isBlue(main.red, main.green, main.blue) else { return false }
    return (0.002...0.35).contains(marks.lightShare) && marks.otherShare < 0.02 && marks.left < 0.2
      && marks.centre < 0.55 && marks.top < 0.5 && isOneBlock
  }

  private var isOneBlock: Bool { marks.gap < 0.2 && marks.lowGap < 0.12 && marks.alignedShare > 0.8 }

  /// Mostly the blue on which systems also offer to repair themselves, in pictures that look like any other.
  var isOnBlue: Bool { colours.first.map { $0.share > 0.4 && Self.isBlue($0.red, $0.green, $0.blue) } ?? false }

  /// The deep blue of old systems, or the lighter one of newer ones.
  private static func isBlue(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Bool {
    blue > 110 && red < 40 && green < 140 && Int(blue) > Int(green) + 50
  }
}
