import Foundation

/// The addresses that a network interface of Windows shall have on the new platform.
public struct AddressWish: Sendable, Hashable {
  /// The hardware address that it will have; nil where the platform gives one: then it is found by its place.
  public var mac: String?
  /// Its place among the machine's interfaces.
  public var index: Int
  /// In CIDR form, `10.0.0.5/24`.
  public var addresses: [String]
  public var gateway: String?
  public var nameServers: [String]
  /// The network gives the addresses; the others say nothing then.
  public var dhcp: Bool

  public init(
    mac: String? = nil, index: Int, addresses: [String], gateway: String? = nil, nameServers: [String] = [],
    dhcp: Bool = false
  ) {
    self.mac = mac
    self.index = index
    self.addresses = addresses
    self.gateway = gateway
    self.nameServers = nameServers
    self.dhcp = dhcp
  }

  /// IPv4 addresses and their masks; nil where one is not of that form.
  var masked: [(address: String, mask: String)]? {
    var result: [(String, String)] = []
    for text in addresses {
      let halves = text.split(separator: "/")
      guard halves.count == 2, Self.isIPv4(halves[0]), let prefix = Int(halves[1]), (0...32).contains(prefix) else {
        return nil
      }
      let mask = prefix == 0 ? UInt32(0) : UInt32.max << (32 - prefix)
      result.append((String(halves[0]), (0..<4).map { String(mask >> (24 - 8 * $0) & 255) }.joined(separator: ".")))
    }
    return result
  }

  static func isIPv4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isNumber) }
  }

  /// A script for the PowerShell that every Windows since 7 has. Doing it twice gives the same addresses and one route.
  static func script(_ wishes: [AddressWish]) -> String {
    var lines = [
      "$ErrorActionPreference = 'Stop'",
      "$all = @(Get-WmiObject Win32_NetworkAdapter | Where-Object { $_.PhysicalAdapter -and $_.MACAddress } | "
        + "Sort-Object Index)",
      "function Set-Addresses($adapter, $addresses, $masks, $gateways, $servers) {",
      "  if (-not $adapter) { throw 'no such network interface' }",
      "  $c = Get-WmiObject Win32_NetworkAdapterConfiguration -Filter \"Index=$($adapter.Index)\"",
      "  $r = $c.EnableStatic($addresses, $masks).ReturnValue",
      "  if ($r -gt 1) { throw \"EnableStatic: $r\" }",
      "  if ($gateways) { $r = $c.SetGateways($gateways).ReturnValue; if ($r -gt 1) { throw \"SetGateways: $r\" } }",
      "  if ($servers) { $r = $c.SetDNSServerSearchOrder($servers).ReturnValue; if ($r -gt 1) { throw \"DNS: $r\" } }",
      "  \"$($adapter.MACAddress): $addresses\"",
      "}",
      "function Set-Automatic($adapter) {",
      "  if (-not $adapter) { throw 'no such network interface' }",
      "  $c = Get-WmiObject Win32_NetworkAdapterConfiguration -Filter \"Index=$($adapter.Index)\"",
      "  $r = $c.EnableDHCP().ReturnValue; if ($r -gt 1) { throw \"EnableDHCP: $r\" }",
      "  $null = $c.SetDNSServerSearchOrder()",
      "  \"$($adapter.MACAddress): DHCP\"",
      "}",
    ]
    for wish in wishes {
      let adapter =
        wish.mac.flatMap(plain).map { "($all | Where-Object { $_.MACAddress -eq '\($0)' } | Select-Object -First 1)" }
        ?? "$all[\(wish.index)]"
      if wish.dhcp {
        lines.append("Set-Automatic \(adapter)")
        continue
      }
      guard let masked = wish.masked, !masked.isEmpty else { continue }
      let gateways = wish.gateway.map { isIPv4($0) ? [$0] : [] } ?? []
      lines.append(
        "Set-Addresses \(adapter) \(list(masked.map(\.address))) \(list(masked.map(\.mask))) \(list(gateways)) "
          + list(wish.nameServers.filter { isIPv4($0) }))
    }
    return lines.joined(separator: "\r\n") + "\r\n"
  }

  private static func list(_ texts: [String]) -> String {
    "@(" + texts.map { "'\($0)'" }.joined(separator: ",") + ")"
  }

  /// `00:50:56:AB:CD:EF`, as Windows writes it.
  private static func plain(_ mac: String) -> String? {
    NetworkWish.normalised(mac)?.uppercased()
  }
}
