import ConnectorKit
import ConnectorProtocol
import Foundation

/// The target's configuration, read from the `connection` of a request.
struct Settings: ConnectorSettings, Hashable, Sendable {
  /// How disks get there.
  enum Delivery: String, Codable, CaseIterable, Sendable {
    /// Into an import of the server (`ResourcePool.ImportVApp`).
    case lease
    /// As flat files into a folder of the datastore.
    case datastore
    /// Not to a server: an OVA file in a folder of this computer.
    case ova
  }

  /// How space is taken for a disk.
  enum Provisioning: String, Codable, CaseIterable, Sendable {
    case thin, thick, eager
  }

  var url: String?
  var username: String?
  var caFile: String?
  /// SHA-1 or SHA-256 of the server's certificate, lower-case hexadecimal without separators.
  var thumbprint: String?
  /// What machines are placed in, by name, path or id.
  var places: [Place: String] = [:]
  /// A VM folder of the inventory; with `ova` an absolute path on this computer.
  var folder: String?
  var provisioning: Provisioning = .thin
  var delivery: Delivery = .lease

  enum Place: String, Codable, CaseIterable, Sendable {
    case datacenter, cluster, host, resourcePool, datastore, network
  }

  /// What is wrong with it goes to `report`; the rest is read.
  init(_ connection: JSONValue, report: (Diagnostic) -> Void) {
    guard let members = connection.objectValue else {
      if connection != .null { report(Self.problem("", "The configuration is no object.")) }
      return
    }
    var texts: [String: String] = [:]
    for (name, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
      guard Self.names.contains(name) else {
        report(Self.unknown(name))
        continue
      }
      guard let text = Self.line(value) else {
        report(Self.problem(name, "The setting '\(name)' is no text of one line.", action: "Write it as text."))
        continue
      }
      if !text.isEmpty { texts[name] = text }
    }
    read(texts, report)
  }

  /// All members of the form that are no secrets.
  static let names: Set<String> = [
    "url", "username", "caFile", "thumbprint", "datacenter", "cluster", "host", "resourcePool", "folder", "datastore",
    "network", "diskProvisioning", "delivery",
  ]

  private mutating func read(_ texts: [String: String], _ report: (Diagnostic) -> Void) {
    username = texts["username"]
    folder = texts["folder"]
    for place in Place.allCases { places[place] = texts[place.rawValue] }
    if let text = texts["delivery"] {
      if let value = Delivery(rawValue: text) {
        delivery = value
      } else {
        report(Self.choice("delivery", text, Delivery.allCases.map(\.rawValue)))
      }
    }
    if let text = texts["diskProvisioning"] {
      if let value = Provisioning(rawValue: text) {
        provisioning = value
      } else {
        report(Self.choice("diskProvisioning", text, Provisioning.allCases.map(\.rawValue)))
      }
    }
    if let text = texts["url"] {
      url = Self.server(text)
      if url == nil {
        report(
          Self.problem("url", "'\(text)' is no address of a server.", action: "Write https://vcenter.example.org."))
      }
    }
    if let text = texts["caFile"] {
      caFile = text
      if !text.hasPrefix("/") {
        report(Self.problem("caFile", "The CA file is no absolute path.", action: "Write a path that starts with '/'."))
      }
    }
    if let text = texts["thumbprint"] {
      thumbprint = Self.thumbprint(text)
      if thumbprint == nil {
        report(
          Self.problem(
            "thumbprint", "'\(text)' is no SHA-1 or SHA-256 of a certificate.",
            action: "Write its 40 or 64 hexadecimal digits, with or without colons."))
      }
    }
    checkDelivery(texts, report)
  }

  private func checkDelivery(_ texts: [String: String], _ report: (Diagnostic) -> Void) {
    if delivery == .ova {
      if folder?.hasPrefix("/") != true {
        report(
          Self.problem(
            "folder", "An OVA needs a folder on this computer.", action: "Set `folder` to an absolute path."))
      }
    } else if texts["url"] == nil {
      report(Self.problem("url", "The address of vCenter or of an ESXi host is missing.", action: "Set `url`."))
    }
  }

  /// `vc.example.org`, `https://vc.example.org/sdk` … as `https://vc.example.org`; nil where it is no server's address.
  private static func server(_ text: String) -> String? {
    let whole = text.contains("://") ? text : "https://" + text
    guard let parts = URLComponents(string: whole), parts.scheme == "https", let host = parts.host, !host.isEmpty,
      parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil,
      ["", "/", "/sdk", "/sdk/", "/ui", "/ui/"].contains(parts.path)
    else { return nil }
    let port = parts.port.map { ":\($0)" } ?? ""
    guard parts.port.map({ (1...65535).contains($0) }) ?? true else { return nil }
    return "https://\(host)\(port)"
  }

  static func thumbprint(_ text: String) -> String? {
    let digits = text.lowercased().filter { $0 != ":" && $0 != " " }
    guard digits.count == 40 || digits.count == 64, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
      return nil
    }
    return digits
  }

  /// What logs in: the token where there is one, else user name and password.
  func credentials(_ secrets: [String: String]) throws -> Credentials {
    if let token = secrets["/ssoToken"], !token.isEmpty {
      guard let assertion = SecurityHeader.assertion(token) else {
        throw missing("ssoToken", "The single sign-on token is no SAML assertion.")
      }
      return .token(assertion)
    }
    guard let username else { throw missing("username", "The user name is missing.") }
    guard let password = secrets["/password"], !password.isEmpty else {
      throw missing("password", "The password of '\(username)' is missing.")
    }
    return .password(user: username, password)
  }

  private func missing(_ name: String, _ summary: String) -> ConnectorError {
    ConnectorError(
      .configInvalid, summary, remedy: "Set `username` and `password`, or `ssoToken`.", outcome: .none,
      diagnostics: [Self.problem(name, summary)])
  }
}
