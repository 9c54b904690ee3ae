// Macros of <windows.h>, Xlib.h and X.h that conflict with common names; none of our headers may use one as a
// name.
#define near
#define far
#define NEAR near
#define FAR far
#define small char
#define hyper long long
#define interface struct
#define pascal
#define cdecl
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define IN
#define OUT
#define OPTIONAL
#define VOID void
#define CONST const
#define TRUE 1
#define FALSE 0
#define ERROR 0
#define NO_ERROR 0L
#define DELETE 0x00010000L
#define STRICT 1
#define ABSOLUTE 1
#define RELATIVE 2
#define OPAQUE 2
#define TRANSPARENT 1
#define DIFFERENCE 11
#define DOMAIN 1
#define OVERFLOW 3
#define UNDERFLOW 4
#define PASSTHROUGH 19
#define rad1 0x0420
#define Yield()
#define GetObject GetObjectA
#define CreateFile CreateFileA
#define SendMessage SendMessageA

#define None 0L
#define Bool int
#define Status int
#define True 1
#define False 0
#define Always 2
#define NotUseful 0
#define WhenMapped 1
#define Success 0
#define BadValue 2
#define KeyPress 2
#define KeyRelease 3
#define ButtonPress 4
#define FocusIn 9
#define FocusOut 10
#define Expose 12
#define Above 0
#define Below 1
#define Opposite 4
#define Complex 0
#define Nonconvex 1
#define Convex 2
#define Unsorted 0
#define CurrentTime 0L
#define AnyKey 0L
#define GrayScale 1
#define StaticColor 2
#define Absolute 1
#define Control 4
#define ControlMask 4
#define AllocNone 0
#define DoRed 1
#define Button1 1
#define LowerHighest 1
#define RaiseLowest 0
#define InputOnly 2
#define InputOutput 1
#define ParentRelative 1L
#define CopyFromParent 0L
#define Cursor unsigned long
#define Font unsigned long
#define Window unsigned long
