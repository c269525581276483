import ConnectorProtocol
import Foundation
import Glibc
import Support

/// Reads one connector's folder, and refuses what must not be trusted.
enum InstallationReader {
  static let fileName = "connector.json"
  static let maxDocumentBytes = 1 << 20

  static func read(folder: String) throws(AscendError) -> ConnectorInstallation {
    let name = (folder as NSString).lastPathComponent
    guard isPlainComponent(name) else {
      throw invalid(folder, "its folder's name is not a plain name (a-z, 0-9, hyphen)")
    }
    let path = folder + "/" + fileName
    let root = try resolved(folder)
    try checkOwnership(root)
    try checkOwnership(path)
    let bytes = try contents(of: path)
    let document: CapabilityDocument
    do {
      document = try JSONDecoder().decode(CapabilityDocument.self, from: bytes)
    } catch {
      throw invalid(path, "it is no capability document: \(JSONFault.text(error))")
    }
    guard document.schema == CapabilityDocument.currentSchema else {
      throw invalid(path, "its schema is \(document.schema); this Ascend knows \(CapabilityDocument.currentSchema)")
    }
    guard document.id == name else {
      throw invalid(path, "its id is \(document.id), its folder's name \(name)")
    }
    return ConnectorInstallation(
      id: document.id, folder: root, document: document, documentDigest: SHA256.hex(bytes),
      executable: try executable(document.executable, in: root))
  }

  /// True for a name that cannot lead out of its folder, nor be read as an option.
  static func isPlainComponent(_ name: String) -> Bool {
    let scalars = name.unicodeScalars
    guard let first = scalars.first, scalars.count <= 64 else { return false }
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
    }
    return isWord(first) && scalars.allSatisfy { isWord($0) || $0 == "-" || $0 == "_" }
  }

  private static func contents(of path: String) throws(AscendError) -> Data {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw AscendError.system("connector.invalid", "The connector cannot be read", object: path, errno: errno)
    }
    defer { try? handle.close() }
    do {
      let bytes = try handle.read(upToCount: maxDocumentBytes + 1) ?? Data()
      guard bytes.count <= maxDocumentBytes else { throw invalid(path, "it is larger than 1 MiB") }
      return bytes
    } catch {
      throw AscendError.wrapping(error, as: "connector.invalid", "The connector cannot be read", object: path)
    }
  }

  private static func executable(_ relative: String, in root: String) throws(AscendError) -> String {
    let components = relative.split(separator: "/", omittingEmptySubsequences: false)
    guard !relative.isEmpty, !relative.hasPrefix("/"), !components.contains(".."), !relative.contains("\0") else {
      throw invalid(root, "its executable \(relative) does not lie in its folder")
    }
    let path = try resolved(root + "/" + relative)
    guard path.hasPrefix(root + "/") else {
      throw invalid(root, "its executable \(relative) is a link out of its folder")
    }
    try checkOwnership(path)
    guard access(path, X_OK) == 0 else {
      throw AscendError.system("connector.invalid", "The connector cannot be executed", object: path, errno: errno)
    }
    return path
  }

  /// Refuses what somebody else than root or ourselves could have written: it runs with our rights.
  private static func checkOwnership(_ path: String) throws(AscendError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw AscendError.system("connector.invalid", "The connector cannot be read", object: path, errno: errno)
    }
    let writableByOthers = status.st_mode & (S_IWGRP | S_IWOTH) != 0
    let foreign = status.st_uid != 0 && status.st_uid != geteuid()
    guard !writableByOthers, !foreign else {
      throw AscendError(
        "connector.untrusted", "The connector is refused", object: path,
        cause: writableByOthers ? "others than its owner can write to it" : "it belongs to another user",
        remedy: writableByOthers
          ? "Take the right away: chmod go-w '\(path)'" : "Let it belong to root or to the user that runs Ascend")
    }
  }

  private static func resolved(_ path: String) throws(AscendError) -> String {
    guard let real = realpath(path, nil) else {
      throw AscendError.system("connector.invalid", "The connector is incomplete", object: path, errno: errno)
    }
    defer { free(real) }
    return String(cString: real)
  }

  private static func invalid(_ object: String, _ cause: String) -> AscendError {
    AscendError(
      "connector.invalid", "The connector cannot be used", object: object, cause: cause,
      remedy: "Install it again, or report it to its vendor")
  }
}
