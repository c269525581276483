import Foundation
import Synchronization

/// Where large files go that are needed for one piece of work only: the state's folder, once the program has one.
public enum Scratch {
  private static let chosen = Mutex<String?>(nil)

  /// A folder that exists or can be made; the system's own for temporary files until `use` was called.
  public static var folder: String {
    chosen.withLock(\.self) ?? (NSTemporaryDirectory() as NSString).standardizingPath
  }

  /// Takes `folder` from now on: a whole disk may be unpacked there.
  public static func use(_ folder: String) { chosen.withLock { $0 = folder } }
}
