import Glibc
import Synchronization

/// The memory for emulated machines, shared by all processes of one user on this computer.
///
/// A place is a set of locked files, each of which stands for a piece of it. The system lets go of them when their process
/// ends, however that ends. Processors are not shared out so: too many machines on them are slow, and no worse.
final class HostPlaces: Sendable {
  /// Memory is counted in pieces of this size.
  static let pieceMiB = 256

  /// What one machine holds; given back when it is let go.
  final class Place: Sendable {
    private let descriptors: Mutex<[Int32]>

    init(_ descriptors: [Int32]) { self.descriptors = Mutex(descriptors) }

    func release() {
      let held = descriptors.withLock { held in
        defer { held = [] }
        return held
      }
      for descriptor in held { close(descriptor) }
    }

    deinit { release() }
  }

  private let folder: String?
  private let pieces: Int

  /// - Parameters:
  ///   - folder: Nil where there is none: nothing is counted then.
  ///   - memoryMiB: For all machines together.
  init(folder: String?, memoryMiB: Int) {
    self.folder = folder
    pieces = max(1, min(memoryMiB / Self.pieceMiB, 65536))
  }

  /// Where one user's processes find each other; nil where that folder is not one of the user's own.
  static func folder() -> String? {
    let user = getuid()
    // The same for a process of a session, of cron and of sudo: no variable of the environment decides.
    let path = "/tmp/ascend-machines-\(user)"
    if mkdir(path, 0o700) != 0, errno != EEXIST { return nil }
    var status = stat()
    // Somebody else may have put a link or a folder of his there.
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == user,
      status.st_mode & 0o077 == 0
    else { return nil }
    return path
  }

  enum Answer {
    case taken(Place)
    /// As much is in use as there may be.
    case full
    /// The files cannot be used: nothing can be counted.
    case unknown
  }

  /// The right to look for memory: one process has it until it has found some. Else one with many machines, whose next
  /// is there as soon as one has ended, would leave nothing to one that comes and looks now and then; and two could each
  /// hold a half of what the other needs.
  func turn() -> Answer {
    guard let descriptor = open("turn") else { return .unknown }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return .full
    }
    return .taken(Place([descriptor]))
  }

  /// - Parameter memoryMiB: What needs more than there is gets all of it. Only for who has the turn.
  func take(memoryMiB: Int) -> Answer {
    let wanted = min(pieces, (max(1, memoryMiB) + Self.pieceMiB - 1) / Self.pieceMiB)
    var held: [Int32] = []
    for number in 0..<pieces where held.count < wanted {
      guard let descriptor = open("memory-\(number)") else {
        held.forEach { close($0) }
        return .unknown
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { held.append(descriptor) } else { close(descriptor) }
    }
    guard held.count == wanted else {
      held.forEach { close($0) }
      return .full
    }
    return .taken(Place(held))
  }

  private func open(_ name: String) -> Int32? {
    guard let folder else { return nil }
    let descriptor = Glibc.open("\(folder)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    return descriptor < 0 ? nil : descriptor
  }
}
