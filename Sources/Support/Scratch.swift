import Foundation
import Glibc
import Synchronization

/// Where large files go that are needed for one piece of work only: the state's folder, once the program has one.
public enum Scratch {
  private static let prefix = "ascend-scratch-"
  private static let chosen = Mutex<String?>(nil)

  /// Takes `folder` from now on: a whole disk may be unpacked there. What processes left behind that are gone is removed.
  public static func use(_ folder: String) {
    chosen.withLock { $0 = folder }
    sweep(folder)
  }

  static func sweep(_ folder: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
      guard let process = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ Int32($0) }), process > 0,
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }

  /// A new folder that its owner alone may enter; whoever asks for it removes it.
  ///
  /// - Throws: `state.unwritable`.
  public static func make() throws(AscendError) -> String {
    let parent = chosen.withLock(\.self) ?? (NSTemporaryDirectory() as NSString).standardizingPath
    let path = "\(parent)/\(prefix)\(getpid())-\(UUID().uuidString)"
    try StateDirectory.makePrivate(path)
    return path
  }
}
