/// When something last changed on a booting machine, in the three senses that count. Pure: it is told the time.
struct BootChanges: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// A picture that differs from another in a smaller part of its points is the same one, with a clock or a cursor.
  static let smallShare = 0.02
  private static let mostPictures = 8

  /// Anything at all: a byte on the serial port, a picture that was not there lately, a write to a disk.
  private(set) var any: Instant
  /// Something by which the boot goes on: words that were not said lately, a new picture, a write to a disk. What says
  /// the same again and again does not.
  private(set) var progress: Instant
  /// Since when the screen shows one picture made for people, in which at most details change; nil while it shows none.
  ///
  /// A system that is up writes to its disks and moves its clock for ever: neither is a change here.
  private(set) var steadySince: Instant?

  private var pictures: [Int] = []
  /// The picture that the screen has been compared with since.
  private var reference: ScreenSample?

  init(at start: Instant) {
    any = start
    progress = start
  }

  /// The machine was restarted, or something was typed.
  mutating func note(at now: Instant) {
    any = now
    steadySince = steadySince.map { _ in now }
  }

  /// - Parameter isNew: Whether the words were not said lately.
  mutating func spoke(isNew: Bool, at now: Instant) {
    note(at: now)
    if isNew { progress = now }
  }

  mutating func wrote(at now: Instant) {
    any = now
    progress = now
  }

  /// - Parameter waits: The guest says that it waits: the clock that it shows meanwhile is no change.
  mutating func saw(_ picture: ScreenPicture, waits: Bool, at now: Instant) {
    // A cursor that blinks shows two pictures in turn: only one that was not there lately is a change.
    let isNew = !pictures.contains(picture.digest)
    if isNew {
      if !waits { any = now }
      pictures.append(picture.digest)
      if pictures.count > Self.mostPictures { pictures.removeFirst() }
    }
    guard picture.kind == .ordinary else {
      if isNew, !waits { progress = now }
      (reference, steadySince) = (nil, nil)
      return
    }
    // Compared with the first of its kind and not with the last: what moves on slowly is a change in the end.
    if let reference, reference.difference(from: picture.sample) < Self.smallShare { return }
    (reference, steadySince) = (picture.sample, now)
    if !waits { progress = now }
  }
}
