// A tiny SVG writer: shapes with CSS classes and tooltips, short numbers, escaped text. Colours live in the
// style sheet.
#pragma once
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

namespace svg {

/// Exactly `decimals` places.
inline std::string fixed(double value, int decimals) {
  char text[352];  // the longest double, -1.8e308, written out
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

/// At most `decimals` places, none where they are zero: 12.5, 3, -0.25.
inline std::string number(double value, int decimals = 2) {
  std::string s = fixed(value, decimals);
  if (s.find('.') != std::string::npos) {
    s.erase(s.find_last_not_of('0') + 1);
    if (s.back() == '.') s.pop_back();
  }
  return s == "-0" ? "0" : s;
}

/// Text for HTML and SVG, in element content as well as in attributes.
inline std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

struct Point {
  double x = 0, y = 0;
};

/// Collects the elements of one drawing, in the order they are painted.
class Drawing {
 public:
  Drawing(double width, double height, std::string_view description)
      : out_("<svg viewBox=\"0 0 " + number(width) + ' ' + number(height) + "\" role=\"img\" aria-label=\"" +
             escape(description) + "\">\n") {}

  void line(Point a, Point b, std::string_view style) {
    element("line", style, pair("x1", a.x) + pair("y1", a.y) + pair("x2", b.x) + pair("y2", b.y));
  }
  void rect(Point corner, double width, double height, std::string_view style, std::string_view tip = {}) {
    element("rect", style,
            pair("x", corner.x) + pair("y", corner.y) + pair("width", width) + pair("height", height),
            title(tip));
  }
  void path(const std::string& d, std::string_view style, std::string_view tip = {}) {
    element("path", style, " d=\"" + d + '"', title(tip));
  }
  void text(Point at, std::string_view content, std::string_view style) {
    element("text", style, pair("x", at.x) + pair("y", at.y), escape(content));
  }

  std::string str() const { return out_ + "</svg>\n"; }

 private:
  static std::string pair(const char* name, double value) {
    return ' ' + std::string(name) + "=\"" + number(value) + '"';
  }
  static std::string title(std::string_view tip) {
    return tip.empty() ? std::string() : "<title>" + escape(tip) + "</title>";
  }
  void element(const std::string& name, std::string_view style, const std::string& attributes,
               const std::string& content = {}) {
    out_ +=
        '<' + name + (style.empty() ? std::string() : " class=\"" + std::string(style) + '"') + attributes;
    out_ += content.empty() ? "/>\n" : '>' + content + "</" + name + ">\n";
  }

  std::string out_;
};

/// Path commands, absolute.
inline std::string move_to(Point p) { return 'M' + number(p.x) + ' ' + number(p.y); }
inline std::string line_to(Point p) { return 'L' + number(p.x) + ' ' + number(p.y); }

}  // namespace svg
