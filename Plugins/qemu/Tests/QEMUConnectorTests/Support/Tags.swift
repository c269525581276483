import Foundation
import Testing

extension Tag {
  /// Boots a guest.
  @Tag static var guest: Self
}

/// The guests that `Lab/make-guest` makes, in the folder ASCEND_LAB.
enum LabFolder {
  static func guest(_ name: String) -> String? {
    let environment = ProcessInfo.processInfo.environment
    guard environment["ASCEND_TEST_FAST"] != "1", let folder = environment["ASCEND_LAB"] else { return nil }
    let path = folder + "/" + name
    return FileManager.default.isReadableFile(atPath: path) ? path : nil
  }
}
